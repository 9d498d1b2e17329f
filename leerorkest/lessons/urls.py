from django.urls import path

from .views import calendar, children, coordinator, cover, log, next_time, phones, planning, register, statement, week

app_name = "lessons"
urlpatterns = [
    path("", week.week, name="week"),
    path("<uuid:uid>/", register.register, name="register"),
    path("<uuid:uid>/close/", register.close, name="close"),
    path("<uuid:uid>/next-time/", next_time.next_time, name="next_time"),
    path("<uuid:uid>/pieces/", log.pieces, name="pieces"),
    path("<uuid:uid>/move/", calendar.move, name="move"),
    path("away/", cover.away, name="away"),
    path("asks/", cover.asks, name="asks"),
    path("stand-in/", cover.stand_in, name="stand_in"),
    path("cover/", cover.cover, name="cover"),
    path("cover/<uuid:uid>/", cover.cover_request, name="cover_request"),
    path("hours/", statement.statement, name="statement"),
    path("hours.<str:form>", statement.statement_file, name="statement_file"),
    path("calendar/", calendar.link, name="calendar"),
    path("calendar/<str:secret>.ics", calendar.feed, name="feed"),
    path("<uuid:uid>/tutti/", register.tutti, name="tutti"),
    path("<uuid:uid>/cancel/", register.cancel, name="cancel"),
    path("marks/", phones.marks, name="marks"),
    path("worker.js", phones.worker, name="worker"),
    path("children/<uuid:uid>/", children.child, name="child"),
    path("<uuid:uid>/seats/", planning.seats, name="seats"),
    path("groups/", planning.groups, name="groups"),
    path("groups/<int:pk>/", planning.plan, name="plan"),
    path("patterns/", coordinator.patterns, name="patterns"),
    path("missing/", coordinator.missing, name="missing"),
    path("quarantine/", coordinator.quarantine, name="quarantine"),
    path("quarantine/<int:pk>/", coordinator.decide, name="decide"),
]
