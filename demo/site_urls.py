"""The site's routes with the demo's way in before them: the URLconf of demo mode, and of no other."""

from django.urls import include, path

from leerorkest.urls import urlpatterns as site

urlpatterns = [path("", include("demo.urls")), *site]
