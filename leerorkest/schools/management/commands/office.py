"""./run office start --organisation KEY --name NAME --country NL --region Noord --email ADDRESS: begin a real site."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.core.validators import validate_email, validate_slug
from django.urls import reverse
from django.utils import timezone, translation

from leerorkest.network.actions import COUNTRIES
from leerorkest.schools.actions import start_programme
from leerorkest.shared.actions import Refused, System


class Command(BaseCommand):
    help = "Start an organisation: its grades, school year, holidays, and one invitation for its office."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["start"])
        parser.add_argument("--organisation", required=True, metavar="KEY", help="short, small letters: amsterdam")
        parser.add_argument("--name", required=True, help="as people read it: Leerorkest Amsterdam")
        parser.add_argument("--country", required=True, choices=sorted(COUNTRIES))
        parser.add_argument("--region", default="", help="NL: Noord, Midden or Zuid; BQ: BON, SAB or STA")
        parser.add_argument("--email", required=True, help="of the first person of the office")
        parser.add_argument("--person", default="", help="the name of that person")
        parser.add_argument("--address", default="", help="where the site is: https://leerorkest.example.org")

    def handle(self, *args: Any, **options: Any) -> None:
        email, key = options["email"].strip(), options["organisation"].strip()
        with translation.override("en"):
            try:
                validate_slug(key)
                validate_email(email)
                invited = start_programme(
                    key=key,
                    name=options["name"].strip(),
                    country=options["country"],
                    holiday_region=options["region"],
                    office_name=options["person"].strip() or email.partition("@")[0],
                    office_email=email,
                    by=System("office"),
                    at=timezone.now(),
                )
            except ValidationError as error:
                self.stderr.write(" ".join(error.messages))
                raise SystemExit(2) from None
            except Refused as refusal:
                self.stderr.write(str(refusal))
                raise SystemExit(2) from None
        self.stdout.write(f"{options['name']} is ready.")
        if invited.secret:
            self.stdout.write("Open this link within 7 days to come in as its office; it works once and is shown once:")
            self.stdout.write(f"{_address(options['address'])}{reverse('people:invitation')}#{invited.secret}")
        else:
            self.stdout.write(f"{email} had an account already and is its office now.")
        if options["country"] == "NL" and not options["region"]:
            self.stdout.write("School holidays: none yet, because no --region was given. The first school tells it.")


def _address(given: str) -> str:
    host = settings.ALLOWED_HOSTS[0].lstrip(".")
    return given.rstrip("/") or ("http://localhost:8000" if settings.IS_LOCAL else f"https://{host}")
