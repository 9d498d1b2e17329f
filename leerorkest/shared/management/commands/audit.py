import json
import sys
from typing import Any

from django.core.management import BaseCommand, CommandParser

from leerorkest.shared import audit
from leerorkest.shared.models import AuditEntry


class Command(BaseCommand):
    help = "Walk the audit trail's chain (verify), or list what was done with one thing (show)."

    def add_arguments(self, parser: CommandParser) -> None:
        words = parser.add_subparsers(dest="word", required=True)
        words.add_parser("verify", help="every entry must follow from the one before it")
        show = words.add_parser("show", help="one JSON object per line, oldest first")
        show.add_argument("--subject", default="", help="for example child:6f1c…")
        show.add_argument("--actor", default="", help="for example account:12")
        show.add_argument("--last", type=int, default=1000)

    def handle(self, *args: Any, word: str, **options: Any) -> None:
        if word == "verify":
            self.verify()
        else:
            self.show(options["subject"], options["actor"], options["last"])

    def verify(self) -> None:
        broken = list(audit.broken_links())
        for number, why in broken:
            self.stderr.write(f"entry {number}: {why}")
        last = AuditEntry.objects.order_by("-id").first()
        self.stdout.write(
            f"{AuditEntry.objects.count()} entries, {len(broken)} broken; the last hash is {last.hash if last else '-'}"
        )
        if broken:
            sys.exit(1)

    def show(self, subject: str, actor: str, last: int) -> None:
        entries = AuditEntry.objects.order_by("-id")
        if subject:
            entries = entries.filter(subject=subject)
        if actor:
            entries = entries.filter(actor=actor)
        for entry in reversed(entries[:last]):
            self.stdout.write(
                json.dumps(
                    {
                        "at": entry.at.isoformat(timespec="seconds"),
                        "actor": entry.actor,
                        "act": entry.act,
                        "subject": entry.subject,
                        "detail": entry.detail,
                    },
                    ensure_ascii=False,
                )
            )
