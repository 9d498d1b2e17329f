from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SharedConfig(AppConfig):
    name = "leerorkest.shared"

    def ready(self) -> None:
        from . import guards

        post_migrate.connect(guards.install, dispatch_uid="guards")
