"""Who you can be in the demo, and what each of them would try first."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from leerorkest.people.models import Account

DOMAIN = "demo.example"


@dataclass(frozen=True)
class Part:
    """One person of the demo: a face on the sign-in page."""

    email: str
    role: str
    tries: str


PARTS = [
    Part(f"noor@{DOMAIN}", _("Teacher, strings"), _("Open today’s lesson and mark the group.")),
    Part(f"sam@{DOMAIN}", _("Coordinator, Amsterdam"), _("Load a school’s pupil list, look at it, undo it.")),
    Part(f"joost@{DOMAIN}", _("Depot keeper, Amsterdam"), _("Print labels, issue a class set, lend number 17.")),
    Part(f"bram@{DOMAIN}", _("Workshop master, Amsterdam"), _("Open the queue, sign what Yara did.")),
    Part(f"yara@{DOMAIN}", _("Workshop trainee, Amsterdam"), _("Do the next step of a repair, see what you learnt.")),
    Part(f"hanna@{DOMAIN}", _("School head, De Klankkast"), _("See who has a lesson when.")),
    Part(f"ola@{DOMAIN}", _("Office, Amsterdam"), _("Invite a colleague, look at the calendar.")),
    Part(f"eva@{DOMAIN}", _("Teacher at another school"), _("Notice that you see nothing of De Klankkast.")),
    Part(f"luca@{DOMAIN}", _("Coordinator, Curaçao"), _("Enter the school holidays of the island.")),
]


def people() -> list[tuple[Part, Account]]:
    """The cast that exists in this database, in the order of the page."""
    accounts = {account.email: account for account in Account.objects.filter(email__endswith=f"@{DOMAIN}")}
    return [(part, accounts[part.email]) for part in PARTS if part.email in accounts]
