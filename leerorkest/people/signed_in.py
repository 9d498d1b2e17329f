"""Who is signed in, read at every request: django-allauth's backend and Django's sessions, with prepared reads."""

from datetime import datetime

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from leerorkest.shared.prepared import prepared

from .models import Account


@prepared
def _session(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


@prepared
def _account(pk: int) -> QuerySet[Account]:
    return Account.objects.filter(pk=pk)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        session = _session.first(self.session_key, timezone.now()) if self.session_key else None
        if session is None:
            self._session_key = None  # as the backend of Django: a key that is not ours is never kept
        return session


class Backend(AuthenticationBackend):
    def get_user(self, user_id: int) -> Account | None:
        account = _account.first(user_id)
        return account if account and self.user_can_authenticate(account) else None
