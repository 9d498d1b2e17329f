import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leerorkest.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from leerorkest.checks import faults  # noqa: E402  after the apps are loaded

found = faults()
if found:
    sys.exit("Leerorkest does not start:\n" + "\n".join(str(fault) for fault in found))
