from django import template
from django.utils.html import format_html

register = template.Library()


@register.filter
def euros(value):
    return f"{value} €"


@register.simple_tag(takes_context=True)
def badge(context, product):
    return format_html("<b>{}</b>", product.name)


@register.inclusion_tag("shop/contact.html")
def contact_form(form):
    return {"form": form}
