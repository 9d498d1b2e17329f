"""The roles a posting can give, and how long a way in stays open."""

import hashlib
import secrets
from datetime import timedelta
from enum import StrEnum

INVITATION_LASTS = timedelta(days=7)


class Role(StrEnum):
    TEACHER = "teacher"
    COORDINATOR = "coordinator"
    DEPOT_KEEPER = "depot_keeper"
    SCHOOL_HEAD = "school_head"
    WORKSHOP_MASTER = "workshop_master"  # repairs instruments, teaches it, signs what a trainee did
    TRAINEE = "trainee"  # learns to repair instruments in a workshop
    OFFICE = "office"  # accounts, postings, calendar, register: no child


def new_secret() -> str:
    """256 bits that nobody can guess; it travels once, in the fragment of a link."""
    return secrets.token_urlsafe(32)


def new_link_secret() -> str:
    """128 bits that nobody can guess, for a link that somebody keeps."""
    return secrets.token_urlsafe(16)


def hash_of(secret: str) -> str:
    """What is kept of a secret. No salt is needed: it is as long as the hash itself."""
    return hashlib.sha256(secret.encode()).hexdigest()
