"""Mail that goes out when what it tells of is kept."""

from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction


def mail_once_kept(title: str, body: str, emails: Iterable[str]) -> None:
    """One letter to each address, after the transaction. Without mail, or where it fails, nobody waits for it."""
    if not settings.SENDS_MAIL:
        return
    for email in dict.fromkeys(emails):
        transaction.on_commit(partial(send_mail, title, body, None, [email], fail_silently=True), robust=True)
