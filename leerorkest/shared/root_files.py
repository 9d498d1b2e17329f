"""The two files that machines look for at the root of a site: no route, no database, served like a picture."""

from datetime import datetime, timedelta
from pathlib import Path

ROBOTS = "User-agent: *\nDisallow: /\n"  # nothing here is for a search engine
SECURITY_TXT_HOLDS = timedelta(days=180)  # RFC 9116: less than a year


def write_root_files(folder: Path, *, contact: str, address: str, at: datetime) -> None:
    """Made anew at every start, so that security.txt never expires on a site that is kept up."""
    (folder / ".well-known").mkdir(parents=True, exist_ok=True)
    (folder / "robots.txt").write_text(ROBOTS)
    security = folder / ".well-known" / "security.txt"
    if contact:
        lines = [f"Contact: mailto:{contact}", f"Expires: {(at + SECURITY_TXT_HOLDS).strftime('%Y-%m-%dT%H:%M:%SZ')}"]
        lines += [f"Canonical: {address}/.well-known/security.txt"] if address else []
        security.write_text("\n".join([*lines, "Preferred-Languages: nl, en", ""]))
    else:
        security.unlink(missing_ok=True)  # a file without a contact says nothing
