from django.urls import path

from . import views

app_name = "shared"
urlpatterns = [
    path("language/", views.language, name="language"),
    path("about/", views.about, name="about"),
    path("style/", views.style, name="style"),
    path("scan/", views.scan, name="scan"),
    path("health/", views.health, name="health"),
]
