import json

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.mail import send_mail
from django.db.models import Count, F, Q
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import CreateView, DetailView, ListView

from .forms import ContactForm, ProductForm, SignUpForm
from .models import Category, Product, Profile


class IndexView(ListView):
    template_name = "shop/index.html"
    context_object_name = "products"
    paginate_by = 20

    def get_queryset(self):
        q = self.request.GET.get("q")
        products = Product.objects.available()
        if q:
            products = products.filter(Q(name__icontains=q) | Q(category__name=q))
        return products

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["categories"] = Category.objects.annotate(count=Count("products"))
        return context


class ProductDetail(DetailView):
    model = Product


class ProductCreate(LoginRequiredMixin, CreateView):
    model = Product
    form_class = ProductForm
    success_url = reverse_lazy("shop:index")

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        kwargs["user"] = self.request.user
        return kwargs

    def form_valid(self, form):
        messages.success(self.request, _("Saved"))
        return super().form_valid(form)


class Stock(View):
    def get(self, request, id):
        product = get_object_or_404(Product, pk=id)
        return JsonResponse({"stock": product.stock})


@login_required
def buy(request, pk):
    product = get_object_or_404(Product, pk=pk)
    if request.method == "POST":
        Product.objects.filter(pk=pk).update(stock=F("stock") - 1)
        profile, created = Profile.objects.get_or_create(user=request.user)
        return HttpResponseRedirect(reverse("shop:detail", args=(product.id,)))
    else:
        return render(request, "shop/buy.html", {"product": product})


def contact(request):
    if request.method == "POST":
        form = ContactForm(request.POST)
        if form.is_valid():
            send_mail(form.cleaned_data["subject"], "Hello", None, [form.cleaned_data["email"]])
            return redirect("shop:index")
    else:
        form = ContactForm()
    return render(request, "shop/contact.html", {"form": form})


def signup(request):
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        user = form.save()
        login(request, user)
        return redirect("shop:index")
    return render(request, "shop/contact.html", {"form": form})


@csrf_exempt
def webhook(request):
    try:
        payload = json.loads(request.body)
    except ValueError:
        return HttpResponse("bad", status=400)
    return JsonResponse({"items": [item["id"] for item in payload.get("items", [])]})


async def count(request):
    number = await Product.objects.acount()
    return HttpResponse(number)
