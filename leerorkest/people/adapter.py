"""Sign-in as we want it: nobody signs up; accounts are made by the office."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who changes a way to sign in proves who they are; having signed in just now is proof enough."""
        just_now = time.time() - self.request.session.get("began_at", 0) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        return not just_now
