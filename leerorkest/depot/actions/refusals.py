"""Why a handover may be refused: each by name, with a sentence that says what to do."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from leerorkest.shared.actions import Refused

from ..models import Instrument
from ..queries.tags import Scanned


class HandoverRefused(Refused):
    """`instrument` names the first instrument it is about, for a page that wants to point at it."""

    def __init__(self, instrument: Instrument | Scanned | None = None, **facts: Any) -> None:
        self.instrument = instrument
        super().__init__(**({"instrument": instrument.name} if instrument else {}), **facts)


class NothingChosen(HandoverRefused):
    sentence = _("No instrument was chosen. Tick or scan at least one.")


class UnknownTag(HandoverRefused):
    sentence = _("%(tag)s is not a label of ours. Read the label again and type what stands under the code.")


class AlreadyLent(HandoverRefused):
    sentence = _("%(instrument)s is already lent. Take it back first.")


class NeverLent(HandoverRefused):
    sentence = _("%(instrument)s is not lent to anybody. There is nothing to give back.")


class NotAtThisSite(HandoverRefused):
    sentence = _("%(instrument)s is kept by %(site)s. Take it back to the depot first.")


class AlreadyThere(HandoverRefused):
    sentence = _("%(instrument)s is already kept by %(site)s. Leave it out.")


class Retired(HandoverRefused):
    sentence = _("%(instrument)s is retired. Choose another one.")


class NotClean(HandoverRefused):
    sentence = _("%(instrument)s waits to be cleaned. Finish the cleaning first, or take another one.")


class ChildLeft(HandoverRefused):
    sentence = _("This child is not at a school of ours on that day. Look at the school’s list first.")


class NotOnStaff(HandoverRefused):
    sentence = _("%(name)s has no posting here on that day. Ask the office for a posting first.")


class SiteClosed(HandoverRefused):
    sentence = _("%(site)s is closed. Choose another place.")


class NotADepot(HandoverRefused):
    sentence = _("%(site)s is a school. Instruments go back to a depot or a workshop.")


class TooEarly(HandoverRefused):
    sentence = _("%(instrument)s changed hands after that moment. Choose a later time.")


class NumberTaken(HandoverRefused):
    sentence = _("There is already a %(kind)s with number %(number)s. Give it another number.")


class SizeOfAnotherKind(HandoverRefused):
    sentence = _("%(size)s is not a size of %(kind)s. Choose one of its own sizes.")


class OtherContent(HandoverRefused):
    sentence = _("This handover was already sent with other instruments. Open the page again and start anew.")


class CannotReverse(HandoverRefused):
    sentence = _("%(instrument)s changed hands again after this. Undo the later handover first.")


class AlreadyReversed(HandoverRefused):
    sentence = _("This handover was already undone. Nothing changed.")


class AlreadyTakenIn(HandoverRefused):
    sentence = _("This list was already taken in. Nothing changed.")


class NothingNew(HandoverRefused):
    sentence = _("Every instrument of this list is already here, or was refused. Nothing changed.")


class TicketIsClosed(HandoverRefused):
    sentence = _("With this swap a repair was closed. Report what is wrong now; then a loaner can go out again.")


class IntakeStays(HandoverRefused):
    sentence = _("An intake cannot be undone. Retire the instruments that are not there.")


class NothingToJoin(HandoverRefused):
    sentence = _("One instrument alone is no kit. Choose at least one more that belongs with it.")


class AlreadyAKit(HandoverRefused):
    sentence = _("%(instrument)s and the others are a kit already. Nothing changed.")


class NotInAKit(HandoverRefused):
    sentence = _("%(instrument)s is in no kit. There is nothing to take apart.")


class KitStays(HandoverRefused):
    sentence = _("What belongs together is not undone here. Take the kit apart, or put it together again.")


class KeepsItsCurrency(HandoverRefused):
    sentence = _("The value of %(instrument)s was noted in %(currency)s. Write the amount in that currency.")


class NotThisStep(HandoverRefused):
    sentence = _("This gift is already a step further. Open it again and see what is next.")


class BorrowedFrom(HandoverRefused):
    sentence = _("%(instrument)s is on loan from %(organisation)s. Only they can write it off: send it home.")


class SiteOfAnother(HandoverRefused):
    sentence = _("%(site)s belongs to another organisation. Choose a place of your own.")


class LinkJustMade(HandoverRefused):
    sentence = _("Somebody else made a link for this giver just now. Ask them for it, or make a new one.")


class LinkGone(HandoverRefused):
    sentence = _("There is no link that works. Nothing changed.")


class AlreadyStandsThere(HandoverRefused):
    sentence = _("%(instrument)s stands there already. Choose another place, or leave it out.")


class NobodyHasItAtHome(HandoverRefused):
    sentence = _("Nobody has %(instrument)s in care, so it is at nobody’s home. Lend it first, or choose a place.")


class OtherOrganisation(HandoverRefused):
    sentence = _(
        "%(instrument)s and this place belong to different organisations. Choose one of the same organisation."
    )


class AlreadyOwns(HandoverRefused):
    sentence = _("%(instrument)s already belongs to this owner. Nothing changed.")


class UnderWay(HandoverRefused):
    sentence = _("%(instrument)s is on its way to %(site)s. Wait until it is received there.")


class ReceiptStays(HandoverRefused):
    sentence = _("Sending and receiving cannot be undone. Send the instruments back instead.")
