"""An empty database gets its tables, guards and vocabulary."""

from django.core.management import call_command


def main() -> None:
    call_command("migrate", verbosity=0)
