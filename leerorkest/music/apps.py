from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MusicConfig(AppConfig):
    name = "leerorkest.music"

    def ready(self) -> None:
        from . import actions

        post_migrate.connect(actions.load_vocabulary, sender=self, dispatch_uid="vocabulary")
