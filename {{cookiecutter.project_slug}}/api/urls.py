from django import urls
from upstreams.contrib.json_api import index

from api import views  # example: quotes

urlpatterns: list[urls.URLPattern] = [urls.path("", index, name="api-root")]  # lists the routes beside it
urlpatterns += [  # example: quotes
    urls.path("quotes/random", views.random_quote),
    urls.path("quotes/three", views.three_quotes),
    urls.path("quotes/by/<str:author>", views.quotes_by),
    urls.path("quotes/export", views.export),
    urls.path("favourites", views.favourites),
    urls.path("favourites/<int:pk>/others", views.others),
]
