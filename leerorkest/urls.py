"""The table of contents: one line per room, in the order a visitor meets them."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("leerorkest.home.urls")),
    path("lessons/", include("leerorkest.lessons.urls")),
    path("", include("leerorkest.shared.urls")),
    path("network/", include("leerorkest.network.urls")),
    path("people/", include("leerorkest.people.urls")),
    path("schools/", include("leerorkest.schools.urls")),
    path("", include("leerorkest.depot.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/mfa/", include("allauth.mfa.urls")),
]
