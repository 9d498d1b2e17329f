"""Bytes on disk under a name that nobody can guess. A row never points at a file that is not whole.

The file is written and synced before its row; when the act is refused after all, the file stays behind without a row,
and `./run files` removes it a day later.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from leerorkest.shared.actions import Actor
from leerorkest.shared.models import StoredFile

from .pictures import Clean


def path_of(name: str) -> Path:
    return Path(settings.FILES) / name[:2] / name


def store(clean: Clean, *, by: Actor, at: datetime) -> StoredFile:
    """Inside an action, which notes what the file is for."""
    name = secrets.token_hex(16)
    write(path_of(name), clean.content)
    return StoredFile.objects.create(
        name=name,
        media_type=clean.media_type,
        bytes=len(clean.content),
        sha256=hashlib.sha256(clean.content).hexdigest(),
        made_at=at,
        by_key=by.audit_key,
    )


def read(stored: StoredFile) -> bytes:
    return path_of(stored.name).read_bytes()


def write(path: Path, content: bytes) -> None:
    """All of it or nothing, also when the power fails."""
    is_new = not path.parent.is_dir()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}")
    with half.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    _sync(path.parent)
    if is_new:
        _sync(path.parent.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def faults() -> Iterator[tuple[str, str]]:
    """(name, what is wrong) of every file that is not as its row says."""
    for stored in StoredFile.objects.order_by("pk").iterator(chunk_size=1000):
        try:
            content = read(stored)
        except OSError:
            yield stored.name, "missing"
            continue
        if hashlib.sha256(content).hexdigest() != stored.sha256:
            yield stored.name, "changed"


def left_behind(before: datetime) -> Iterator[Path]:
    """Files without a row, of acts that were refused before that moment."""
    for folder in sorted(Path(settings.FILES).glob("[0-9a-f][0-9a-f]")):
        old = [file for file in folder.iterdir() if file.stat().st_mtime < before.timestamp()]
        known = set(StoredFile.objects.filter(name__in=[file.name for file in old]).values_list("name", flat=True))
        yield from (file for file in old if file.name not in known)
