from django.urls import path

from . import views

app_name = "shared"
urlpatterns = [
    path("language/", views.language, name="language"),
    path("health/", views.health, name="health"),
]
