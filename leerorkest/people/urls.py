from django.urls import path

from . import views

app_name = "people"
urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/invite/", views.invite, name="invite"),
    path("accounts/<uuid:account>/", views.account, name="account"),
    path("accounts/<uuid:account>/invitation/", views.new_invitation, name="new_invitation"),
    path("accounts/<uuid:account>/posting/", views.give_posting, name="give_posting"),
    path("accounts/<uuid:account>/vog/", views.vog, name="vog"),
    path("accounts/<uuid:account>/suspend/", views.suspend, name="suspend"),
    path("accounts/<uuid:account>/restore/", views.restore, name="restore"),
    path("postings/<int:posting>/end/", views.end_posting, name="end_posting"),
    path("invitation/", views.invitation, name="invitation"),
]
