from django.apps import AppConfig


class House(AppConfig):
    """What stands above the rooms; it has no models and no pages of its own."""

    name = "leerorkest"
    label = "house"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers itself with Django
