from django.urls import URLPattern, path

from api import views

urlpatterns: list[URLPattern] = [
    path("quotes/random", views.random_quote),
    path("quotes/three", views.three_quotes),
    path("quotes/by/<str:author>", views.quotes_by),
    path("quotes/export", views.export),
    path("favourites", views.favourites),
    path("favourites/<int:pk>/others", views.others),
]
