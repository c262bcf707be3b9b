from django.urls import path

from . import views

app_name = "shop"
urlpatterns = [
    path("", views.IndexView.as_view(), name="index"),
    path("<int:pk>/", views.ProductDetail.as_view(), name="detail"),
    path("<int:id>/stock/", views.Stock.as_view(), name="stock"),
    path("<int:pk>/buy/", views.buy, name="buy"),
    path("new/", views.ProductCreate.as_view(), name="new"),
    path("contact/", views.contact, name="contact"),
    path("signup/", views.signup, name="signup"),
    path("webhook/", views.webhook, name="webhook"),
    path("count/", views.count, name="count"),
]
