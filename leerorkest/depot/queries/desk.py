"""What the desk shows: terms that hold, what goes with an instrument, what went out with it, documents to make."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leerorkest.network.models import Organisation
from leerorkest.people.models import Child
from leerorkest.shared import files
from leerorkest.shared.templatetags.words import when

from .. import terms
from ..agreements import Document, Form, Item, Picture
from ..models import (
    Acceptance,
    AccessoryKind,
    ConditionReport,
    Custody,
    Defect,
    Handover,
    Instrument,
    LoanTerms,
    PaperForm,
)
from ..rules import Condition, HandoverSort, Level, Outcome, SignedOn
from .instruments import group_names, parties_at

CONDITIONS = {
    Condition.GOOD: gettext_lazy("Good"),
    Condition.WORN: gettext_lazy("Marks or scratches; it plays"),
    Condition.DAMAGED: gettext_lazy("Damaged"),
}
OUTCOMES = {
    Outcome.SHELF: gettext_lazy("Back on the shelf"),
    Outcome.REPAIR: gettext_lazy("To the workshop"),
    Outcome.CLEANING: gettext_lazy("To be cleaned"),
    Outcome.RESERVE: gettext_lazy("Reserved"),
    Outcome.RETIRE: gettext_lazy("Out of use"),
}


def accessory_names() -> dict[str, str]:
    """Every accessory by its code, in the reader's language."""
    return {kind.code: kind.name for kind in AccessoryKind.objects.all()}


def in_words(codes: Iterable[str], names: Mapping[str, str] | None = None) -> str:
    wanted = list(codes)
    known = names if names is not None else (accessory_names() if wanted else {})
    return ", ".join(known.get(code, code) for code in wanted)


# --- terms ------------------------------------------------------------------------------------------------
def terms_in_force(organisation: Organisation) -> list[LoanTerms]:
    """The newest version, the organisation's languages first. Before anything was published: the first texts, which
    are not in the database yet."""
    rows = list(LoanTerms.objects.filter(organisation=organisation, version=_newest(organisation)))
    if not rows:
        rows = [
            LoanTerms(organisation=organisation, version=1, language=language, text=text.text, is_draft=text.is_draft)
            for language, text in terms.FIRST.items()
        ]
    own = [*organisation.languages, *terms.LANGUAGES]
    return sorted(rows, key=lambda row: own.index(row.language) if row.language in own else len(own))


def _newest(organisation: Organisation) -> Any:
    return LoanTerms.objects.filter(organisation=organisation).order_by("-version").values("version")[:1]


def versions(organisation: Organisation) -> QuerySet[LoanTerms]:
    """Every text that was ever published, the newest version first."""
    return LoanTerms.objects.filter(organisation=organisation).order_by("-version", "language")


# --- what was seen and agreed -----------------------------------------------------------------------------
def report_at_issue(instrument: Instrument) -> ConditionReport | None:
    """What went out with it, for who holds it now; None where nobody noted it. Of a row with its parties."""
    if instrument.holding is None:
        return None
    with_handover = ConditionReport.objects.filter(instrument=instrument, handover=instrument.holding.began_with_id)
    return with_handover.select_related("picture").first()


def is_stored(act: Mapping[str, Any], act_hash: str, by_key: str) -> bool:
    """Did exactly this act of this person arrive before? Also when it could not be done any more today."""
    try:
        act_id = uuid.UUID(str(act.get("id")))
        if act.get("sort") == "report":
            same = {"kind": str(act.get("kind")), "note": str(act.get("note"))}
            known = Defect.objects.filter(pk=act_id, by_key=by_key, **same)
            return known.filter(instrument__uid=uuid.UUID(str(act.get("instrument")))).exists()
    except ValueError:
        return False
    return ConditionReport.objects.filter(handover=act_id, content_hash=act_hash, handover__by_key=by_key).exists()


def report_before(report: ConditionReport) -> ConditionReport | None:
    """Of a return: what was noted when it went out."""
    began = Custody.objects.filter(
        instrument=report.instrument_id, level=Level.HOLDER.value, ended_with=report.handover_id
    ).values("began_with")
    return ConditionReport.objects.filter(instrument=report.instrument_id, handover__in=began).first()


def reports_of(instrument: Instrument) -> QuerySet[ConditionReport]:
    return (
        ConditionReport.objects.filter(instrument=instrument)
        .select_related("handover__by", "picture")
        .order_by("-handover__at", "-pk")
    )


def waiting_for_paper(child: Child) -> QuerySet[Acceptance]:
    """Loans of a child that were signed on paper, of which nobody has sent the photo yet."""
    return Acceptance.objects.filter(mark=None, handover__begun__child=child).order_by("at")


# --- documents --------------------------------------------------------------------------------------------
def agreement(acceptance: Acceptance) -> Document:
    """Everything that stands in the agreement of one handover, in the language in which it was signed."""
    made = Handover.objects.select_related("organisation", "by").get(pk=acceptance.handover_id)
    agreed = acceptance.terms
    rows = list(Instrument.objects.of_handover(made).numbered().select_related("kind", "size").order_by(*_IN_ORDER))
    reports = {
        row.instrument_id: row for row in ConditionReport.objects.filter(handover=made).select_related("picture")
    }
    with translation.override(spoken(agreed.language, made.organisation)):
        names = accessory_names()
        return Document(
            title=_("Loan of an instrument") if len(rows) == 1 else _("Loan of instruments"),
            language=agreed.language,
            direction=agreed.spoken.direction,
            reference=f"{made.organisation.name} · {made.pk}",
            facts=[*_parties(made, rows), *_how(made), (_("Terms"), _version(agreed))],
            items=[_item(row, reports.get(row.pk), names) for row in rows],
            heads=_heads(),
            text=agreed.reading,
            text_note=_version(agreed),
            pictures=[
                Picture(_("The instrument at the hand-out"), files.read(report.picture))
                for report in reports.values()
                if report.picture
            ][:2],
            mark=files.read(acceptance.mark) if acceptance.mark else b"",
            mark_words=_mark_words(acceptance),
            is_paper=acceptance.signed_on == SignedOn.PAPER.value,
        )


def receipt(report: ConditionReport) -> Document:
    """What came back, how, and what happens with it; in the reader's language. No name stands in it."""
    made, row = report.handover, report.instrument
    before = report_before(report)
    pictures = [
        Picture(words, files.read(one.picture))
        for words, one in ((_("When it went out"), before), (_("When it came back"), report))
        if one and one.picture
    ]
    facts = [
        *_how(made),
        (_("Kept by"), str(parties_at(row, made.at).keeper.site)),  # type: ignore[union-attr]
        (_("Not there"), in_words(report.missing)),
        (_("What happens next"), str(OUTCOMES[Outcome(report.outcome)])),
    ]
    return Document(
        title=_("An instrument came back"),
        language=translation.get_language() or settings.LANGUAGE_CODE,
        direction="rtl" if translation.get_language_bidi() else "ltr",
        reference=f"{made.organisation.name} · {made.pk}",
        facts=facts,
        items=[_item(row, report, accessory_names())],
        heads=_heads(),
        notes=[_("What is missing or damaged is noted, never billed. There is no debt.")],
        pictures=pictures,
    )


def paper_forms(forms: Iterable[PaperForm], on: Any, address_of: Any) -> tuple[list[Form], dict[str, str]]:
    """The forms with their words. `address_of`: a form → what its code opens."""
    rows = list(forms)
    groups = group_names([row.child_id for row in rows], on)
    made = [
        Form(
            address=address_of(row),
            child=" · ".join(word for word in (row.child.first_name, groups.get(row.child_id, "")) if word),
            text=row.terms.reading,
        )
        for row in rows
    ]
    return made, {
        "instrument": _("Instrument and the code on its label"),
        "accessories": _("What goes along: bow, case, …"),
        "date": _("Date"),
        "signature": _("Signature"),
        "scan": _("For staff: scan the code with a phone, and take a photo of this page once it is signed."),
    }


_IN_ORDER = ("kind_id", "number_length", "number", "pk")


def spoken(language: str, organisation: Organisation) -> str:
    """The words around a text are in its own language where the site speaks it, else in the organisation's first."""
    known = dict(settings.LANGUAGES)
    return next((one for one in (language, *organisation.languages) if one in known), settings.LANGUAGE_CODE)


def _parties(made: Handover, rows: list[Instrument]) -> list[tuple[str, str]]:
    first = parties_at(rows[0], made.at)
    keeper = first.keeper.site if first.keeper else None
    place = ", ".join(part for part in (keeper.name, keeper.town) if part) if keeper else ""
    if made.sort == HandoverSort.ISSUE.value:
        return [(_("Lent by"), made.organisation.name), (_("The school answers for them"), place)]
    holder = ""
    if first.holder and first.holder.child:
        group = group_names([first.holder.child.pk], made.organisation.day_at(made.at)).get(first.holder.child.pk, "")
        holder = " · ".join(part for part in (first.holder.child.first_name, group) if part)
    elif first.holder and first.holder.account:
        holder = first.holder.account.name
    return [
        (_("Lent by"), made.organisation.name),
        (_("Kept by"), place),
        (_("In the care of"), holder),
    ]


def _how(made: Handover) -> list[tuple[str, str]]:
    return [
        (_("When"), when(made.at, "DATETIME_FORMAT")),
        (_("Handed over by"), made.by.name if made.by else ""),
    ]


def _item(row: Instrument, report: ConditionReport | None, names: Mapping[str, str]) -> Item:
    return Item(
        name=row.name,
        tag=row.readable_tag,
        serial=row.serial_number,
        condition=str(CONDITIONS[Condition(report.condition)]) if report else "",
        accessories=in_words(report.accessories, names) if report else "",
    )


def _heads() -> dict[str, str]:
    return {
        "name": _("Instrument"),
        "tag": _("Label"),
        "condition": _("State"),
        "accessories": _("Goes along"),
    }


def _version(agreed: LoanTerms) -> str:
    return _("Version %(version)s, %(language)s") % {"version": agreed.version, "language": agreed.spoken.name}


def _mark_words(acceptance: Acceptance) -> str:
    facts = {"day": when(acceptance.at, "DATETIME_FORMAT"), "name": acceptance.signer}
    if acceptance.mark is None:
        return _("Signed on paper; the photo of the paper is not here yet.")
    if acceptance.signer:
        return _("Signed by %(name)s, %(day)s") % facts
    return _("Signed on %(day)s") % facts
