from django.urls import path

from . import views

app_name = "network"
urlpatterns = [
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/load/", views.load_holidays, name="load_holidays"),
    path("calendar/add/", views.add_holiday, name="add_holiday"),
    path("calendar/<int:holiday>/", views.change_holiday, name="change_holiday"),
    path("calendar/<int:holiday>/confirm/", views.confirm_holiday, name="confirm_holiday"),
    path("calendar/<int:holiday>/remove/", views.remove_holiday, name="remove_holiday"),
    path("places/", views.sites, name="sites"),
    path("places/<int:site>/", views.site, name="site"),
    path("grades/", views.grades, name="grades"),
]
