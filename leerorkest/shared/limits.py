"""How often one sender may do what needs no account. Counted in the cache under a hash: no address is kept."""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache


def one_more(what: str, sender: str, *, most: int, within: timedelta, at: datetime) -> bool:
    """Count one act of `sender`; False when that is more than `most` within this stretch of time."""
    seconds = int(within.total_seconds())
    stretch = int(at.timestamp()) // seconds
    secret = f"limit:{what}:{stretch}:{sender}".encode()
    key = "limit-" + hmac.new(settings.SECRET_KEY.encode(), secret, hashlib.sha256).hexdigest()
    if cache.add(key, 1, timeout=seconds):
        return most >= 1
    try:
        return cache.incr(key) <= most
    except ValueError:  # it ran out in this very moment
        return True
