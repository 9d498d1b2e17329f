"""A class of labels on paper: 500 instruments read from the database and drawn as a PDF with their QR codes."""

import json

from bench.measure import clock, database_version
from leerorkest.depot import labels
from leerorkest.depot.models import Instrument

MANY = 500


def main() -> None:
    now = clock()
    start = now()
    rows = Instrument.objects.filter(organisation__key="stad").select_related("kind", "size").order_by("pk")[:MANY]
    printed = [
        labels.Label(
            address=f"https://leerorkest.example/i/{row.tag}",
            tag=row.readable_tag,
            words=" ".join(str(part) for part in (row.kind, row.size) if part),
            number=row.number,
        )
        for row in rows
    ]
    assert len(printed) == MANY
    content = labels.pdf(next(iter(labels.SHEETS.values())), printed, start=0, shift=(0.0, 0.0))
    print(json.dumps({"database": database_version(), "seconds": now() - start, "size": len(content)}))
