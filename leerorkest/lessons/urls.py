from django.urls import path

from . import views

app_name = "lessons"
urlpatterns = [
    path("", views.week, name="week"),
    path("<uuid:uid>/", views.register, name="register"),
    path("<uuid:uid>/close/", views.close, name="close"),
    path("<uuid:uid>/cancel/", views.cancel, name="cancel"),
    path("marks/", views.marks, name="marks"),
    path("worker.js", views.worker, name="worker"),
    path("children/<uuid:uid>/", views.child, name="child"),
    path("<uuid:uid>/seats/", views.seats, name="seats"),
    path("groups/", views.groups, name="groups"),
    path("groups/<int:pk>/", views.plan, name="plan"),
    path("missing/", views.missing, name="missing"),
    path("quarantine/", views.quarantine, name="quarantine"),
    path("quarantine/<int:pk>/", views.decide, name="decide"),
]
