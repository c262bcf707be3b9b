from django.urls import path

from mysite import views

urlpatterns = [path("quote", views.quote, name="quote"), path("quote-sync", views.quote_sync)]
