from django.urls import path

from .views import roster

app_name = "schools"
urlpatterns = [
    path("<int:pk>/roster/", roster.roster, name="roster"),
    path("<int:pk>/roster/<int:import_pk>/", roster.roster_import, name="roster_import"),
    path("<int:pk>/roster/<int:import_pk>/apply/", roster.apply_roster, name="apply_roster"),
    path("<int:pk>/roster/<int:import_pk>/undo/", roster.undo_roster, name="undo_roster"),
    path("<int:pk>/roster/<int:import_pk>/discard/", roster.discard_roster, name="discard_roster"),
]
