"""A backup gives back exactly what was there, or is refused."""

import hashlib
import shutil
import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from leerorkest.people.models import Child
from leerorkest.shared import audit, backup, files, guards
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests.make import NOW
from tests.pictures import photo

IS_SQLITE = connection.vendor == "sqlite"


def row_hashes() -> dict[str, str]:
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = sorted(repr(row) for row in cursor.fetchall())
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


@pytest.fixture
def place(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.FILES = settings.DATA / "files"
    (settings.DATA / "files").mkdir(parents=True)
    (settings.DATA / "files" / "sheet.pdf").write_bytes(b"a page of labels")
    return settings.DATA


@pytest.fixture
def lived_in(transactional_db, place):
    from tests.cast import make_cast

    cast = make_cast()
    audit.append([audit.entry(at=NOW, actor="system:test", act=f"act {n}") for n in range(3)])
    return cast


@pytest.fixture
def own_file(lived_in, tmp_path):
    """SQLite: a file that no thread of another test has open, because a restore asks to be alone."""
    if not IS_SQLITE:
        yield
        return
    shared, own = connection.settings_dict["NAME"], str(tmp_path / "site.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [own])
    connection.close()
    connection.settings_dict["NAME"] = own
    yield
    connection.close()
    connection.settings_dict["NAME"] = shared


def test_what_is_restored_is_row_for_row_what_was_backed_up(lived_in, own_file, place, tmp_path):
    file = tmp_path / "backup.tar"
    call_command("backup", file)
    before = row_hashes()
    Child.objects.filter(pk=lived_in.dilan.pk).update(first_name="Changed")
    audit.append([audit.entry(at=NOW, actor="system:test", act="later")])
    (place / "files" / "sheet.pdf").write_bytes(b"another")
    (place / "files" / "new.pdf").write_bytes(b"new")
    assert row_hashes() != before
    call_command("restore", file)
    assert row_hashes() == before
    assert list(audit.broken_links()) == []
    assert guards.missing() == set()
    assert [p.name for p in (place / "files").iterdir()] == ["sheet.pdf"]
    assert (place / "files" / "sheet.pdf").read_bytes() == b"a page of labels"
    if IS_SQLITE:
        aside = list(Path(connection.settings_dict["NAME"]).parent.glob("*.before-*"))
        assert len(aside) == 1
        aside[0].unlink()
    else:
        assert len(list(place.glob("before-restore-*.dump"))) == 1


def stored_photo():
    clean = files.re_encode(photo())
    return files.store(clean, by=System("test"), at=NOW)


def test_photos_travel_with_a_backup_and_are_proven(lived_in, own_file, place, tmp_path):
    stored = stored_photo()
    path = files.disk.path_of(stored.name)
    before = path.read_bytes()
    call_command("backup", tmp_path / "backup.tar")
    with tarfile.open(tmp_path / "backup.tar") as tar:
        sums = tar.extractfile("files.sha256").read().decode()
    assert sums == f"{stored.sha256}  files/{stored.name[:2]}/{stored.name}\n"
    path.write_bytes(b"somebody drew over it")
    call_command("restore", tmp_path / "backup.tar")
    assert path.read_bytes() == before
    call_command("files")


def test_a_backup_of_damaged_files_is_made_and_says_so(lived_in, place, tmp_path):
    files.disk.path_of(stored_photo().name).unlink()
    files.disk.path_of(stored_photo().name).write_bytes(b"rust")
    with pytest.raises(CommandError, match="2 files"):
        call_command("backup", tmp_path / "backup.tar")
    backup.verify(tmp_path / "backup.tar", tmp_path / "data")
    with pytest.raises(CommandError, match="2 files"):
        call_command("files")


def test_a_damaged_backup_is_refused_and_the_site_stays_as_it_was(lived_in, place, tmp_path):
    whole = tmp_path / "backup.tar"
    backup.make(whole, at=NOW)
    before, size = row_hashes(), whole.stat().st_size
    damaged = tmp_path / "damaged.tar"
    positions = [*range(0, size, size // 40), size - 1, size - 60, size - 90]
    for position in positions:  # one bit flipped
        shutil.copy(whole, damaged)
        with damaged.open("r+b") as file:
            file.seek(position)
            byte = file.read(1)
            file.seek(position)
            file.write(bytes([byte[0] ^ 1]))
        with pytest.raises(CommandError):
            call_command("restore", damaged)
    for length in [0, 1, 511, 512, size // 2, size - 1]:  # cut short
        damaged.write_bytes(whole.read_bytes()[:length])
        with pytest.raises(CommandError):
            call_command("restore", damaged)
    damaged.write_bytes(whole.read_bytes() + b"more")
    with pytest.raises(CommandError):
        call_command("restore", damaged)
    with pytest.raises(CommandError):
        call_command("restore", tmp_path / "nowhere.tar")
    assert row_hashes() == before
    assert not list(place.glob("*before*"))


def a_link(name, to):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, to
    return member


def a_promise(sums):
    """A list that names a file which is not there."""
    member = tarfile.TarInfo("files.sha256")
    member.size, member.pax_headers = len(sums), {"content": sums}
    return member


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("../outside"),
        tarfile.TarInfo("files/../../outside"),
        a_link("files/away", "/etc"),
        a_link("files/around", "../manifest.json"),
        tarfile.TarInfo("manifest.json"),
        tarfile.TarInfo("database.sqlite3"),
        a_promise("0" * 64 + "  files/ab/abc\n"),
        a_promise("no sums"),
    ],
    ids=["above", "above within", "link out", "link within", "empty manifest", "empty database", "a file", "no sums"],
)
def test_a_forged_backup_is_refused_in_one_sentence(lived_in, place, tmp_path, member):
    whole, forged = tmp_path / "backup.tar", tmp_path / "forged.tar"
    backup.make(whole, at=NOW)
    with tarfile.open(whole) as made, tarfile.open(forged, "w") as tar:
        for old in made:
            tar.addfile(old, made.extractfile(old) if old.isfile() else None)
        tar.addfile(member, BytesIO(member.pax_headers.pop("content", "").encode()))
        if member.name.startswith("database"):  # of the other kind of database, too
            tar.addfile(tarfile.TarInfo("database.dump"))
    forged.write_bytes(forged.read_bytes() + backup.MARK + backup.sha256_of(forged).encode() + b"\n")
    with pytest.raises(CommandError):
        call_command("restore", forged)
    assert not (tmp_path.parent / "outside").exists()
    assert not (place / "outside").exists()
    assert not list(place.glob("*before*"))


def test_a_backup_that_cannot_be_written_leaves_the_old_one(lived_in, place, tmp_path, monkeypatch):
    file = tmp_path / "backup.tar"
    file.write_bytes(b"the old one")

    def full(*args):
        raise OSError("no space left on device")

    monkeypatch.setattr(backup, "copy_sqlite" if IS_SQLITE else "dump_postgres", full)
    with pytest.raises(CommandError):
        call_command("backup", file)
    assert file.read_bytes() == b"the old one"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".backup")] == []


def test_a_backup_is_for_its_own_user_only(lived_in, place, tmp_path):
    backup.make(tmp_path / "backup.tar", at=NOW)
    assert (tmp_path / "backup.tar").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not IS_SQLITE, reason="PostgreSQL refuses by itself, in one transaction")
def test_a_restore_beside_a_running_site_is_refused(lived_in, place, tmp_path):
    import sqlite3

    backup.make(tmp_path / "backup.tar", at=NOW)
    site = sqlite3.connect(connection.settings_dict["NAME"])
    site.execute("SELECT COUNT(*) FROM people_child").fetchone()
    try:
        with pytest.raises(CommandError, match="running"):
            call_command("restore", tmp_path / "backup.tar")
    finally:
        site.close()
    assert AuditEntry.objects.count() >= 3
