from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "leerorkest.people"

    def ready(self) -> None:
        from . import middleware  # noqa: F401  a session notes when it began, whoever opens it
