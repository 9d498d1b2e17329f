from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DepotConfig(AppConfig):
    name = "leerorkest.depot"

    def ready(self) -> None:
        from . import defect_kinds
        from .actions import accessories

        post_migrate.connect(accessories.load_accessories, sender=self, dispatch_uid="accessories")
        post_migrate.connect(defect_kinds.load_defect_kinds, sender=self, dispatch_uid="defect kinds")
