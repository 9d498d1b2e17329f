from django.apps import AppConfig


class MusicConfig(AppConfig):
    name = "leerorkest.music"
