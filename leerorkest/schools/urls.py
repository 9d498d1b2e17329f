from django.urls import path

from .views import children, register, roster, schools

app_name = "schools"
urlpatterns = [
    path("", schools.schools, name="schools"),
    path("<int:school>/", schools.school, name="school"),
    path("groups/<int:group>/", schools.group, name="group"),
    path("groups/<int:group>/teacher/", schools.assign_teacher, name="assign_teacher"),
    path("teachings/<int:teaching>/end/", schools.end_teaching, name="end_teaching"),
    path("children/", children.children, name="children"),
    path("children/<uuid:child>/", children.child, name="child"),
    path("children/<uuid:child>/playing/", children.playing, name="playing"),
    path("register/", register.register, name="register"),
    path("register/<int:registered>/", register.registered, name="registered"),
    path("register/<int:registered>/start/", register.start, name="start"),
    path("enter/", register.enter, name="enter"),
    path("years/", schools.years, name="years"),
    path("<int:pk>/roster/", roster.roster, name="roster"),
    path("<int:pk>/roster/<int:import_pk>/", roster.roster_import, name="roster_import"),
    path("<int:pk>/roster/<int:import_pk>/apply/", roster.apply_roster, name="apply_roster"),
    path("<int:pk>/roster/<int:import_pk>/undo/", roster.undo_roster, name="undo_roster"),
    path("<int:pk>/roster/<int:import_pk>/discard/", roster.discard_roster, name="discard_roster"),
]
