from django.urls import path

from . import views

app_name = "depot"
urlpatterns = [
    path("depot/", views.instruments, name="instruments"),
    path("depot/instruments.csv", views.export, name="export"),
    path("depot/find/", views.find, name="find"),
    path("depot/take-in/", views.take_in, name="take_in"),
    path("depot/lists/", views.list_upload, name="list_upload"),
    path("depot/lists/<uuid:pk>/", views.list_preview, name="list_preview"),
    path("depot/labels/", views.labels, name="labels"),
    path("depot/issue/", views.issue, name="issue"),
    path("depot/give-back/", views.give_back, name="give_back"),
    path("depot/take-back/", views.take_back, name="take_back"),
    path("depot/instruments/<uuid:uid>/", views.instrument, name="instrument"),
    path("depot/instruments/<uuid:uid>/lend/", views.lend, name="lend"),
    path("depot/instruments/<uuid:uid>/retire/", views.retire, name="retire"),
    path("depot/handovers/<uuid:pk>/", views.handover, name="handover"),
    # What the code on a label opens: short, because it is printed small.
    path("i/<str:tag>", views.tag, name="tag"),
]
