from django import forms
from django.contrib.auth.forms import UserCreationForm

from .models import Product, User


class ContactForm(forms.Form):
    subject = forms.CharField(max_length=100)
    email = forms.EmailField()

    def clean_subject(self):
        subject = self.cleaned_data["subject"]
        if "spam" in subject:
            raise forms.ValidationError("No spam")
        return subject


class ProductForm(forms.ModelForm):
    class Meta:
        model = Product
        fields = ["name", "price", "category", "image"]
        widgets = {"name": forms.TextInput(attrs={"class": "form-control"})}
        labels = {"name": "Product"}

    def __init__(self, *args, **kwargs):
        self.user = kwargs.pop("user", None)
        super().__init__(*args, **kwargs)
        self.fields["price"].required = False

    def clean(self):
        cleaned_data = super().clean()
        if cleaned_data.get("price") and cleaned_data["price"] < 0:
            self.add_error("price", "Too low")
        return cleaned_data


class SignUpForm(UserCreationForm):
    class Meta:
        model = User
        fields = UserCreationForm.Meta.fields + ("email",)
