"""The only doors to instruments, and to the names of the children who hold them.

| actor        | instruments                       | a holder who is a child                                 |
|--------------|-----------------------------------|---------------------------------------------------------|
| depot keeper | of the organisation               | first name and group, only while lent                   |
| coordinator  | of the organisation               | the same, with a link to the child's page               |
| office       | of the organisation               | "a child"                                               |
| school head  | kept by the own school            | the same as the coordinator                             |
| teacher      | kept by schools taught at now     | the same, for the children taught; "a child" for others |
| workshop     | of the organisation, or kept by   | "a child"                                               |
|              | the own workshop                  |                                                         |
| anybody else | none                              |                                                         |

A posting at single sites sees what those sites keep now. What may not be seen does not exist: doors answer 404.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from leerorkest.network.models import Organisation, Site
from leerorkest.people.access import Actor
from leerorkest.people.models import Account, Child, Posting
from leerorkest.people.rules import Role
from leerorkest.schools import access as schools_access
from leerorkest.schools.models import Group, Membership, School
from leerorkest.shared.prepared import prepared, prepared_row, prepared_test

from . import queries
from .models import (
    Acceptance,
    Cleaning,
    ConditionReport,
    Custody,
    Defect,
    Defects,
    Donor,
    FoundNotice,
    FoundNotices,
    Gift,
    Handover,
    Instrument,
    InstrumentImport,
    InstrumentRequest,
    Instruments,
    Jobs,
    Label,
    LabelBatch,
    Labels,
    Loan,
    Loans,
    MaintenanceJob,
    MaintenanceRule,
    PaperForm,
    Part,
    Parts,
    Repair,
    RepairDefect,
    Repairs,
    Requests,
    Reservation,
    Reservations,
    Shipment,
    Stocktake,
    Stocktakes,
    Surplus,
    Surpluses,
)
from .queries.tags import Scanned, as_scanned
from .rules import HandoverSort

RUNS = (Role.DEPOT_KEEPER, Role.COORDINATOR)  # may issue, take in, label
SEES = (*RUNS, Role.OFFICE)  # also what they are worth, and what goes to others
LENDS = (*RUNS, Role.TEACHER)  # at their own schools
REPAIRS = (Role.WORKSHOP_MASTER, Role.TRAINEE)
WIDE = (*SEES, *REPAIRS)  # a posting for all sites reaches all instruments of the organisation
WORKS = (*RUNS, *REPAIRS)  # in a workshop
FINISHES = (*RUNS, Role.WORKSHOP_MASTER)  # says that the work is over
COMPARES = (*RUNS, Role.SCHOOL_HEAD)  # schools
REPORTS = (*LENDS, Role.SCHOOL_HEAD, *REPAIRS)  # say what is wrong with what they see


def _reach(actor: Actor, roles: tuple[Role, ...]) -> Q:
    """Instruments of the actor's organisations, or kept by single sites of theirs, in these roles."""
    sites = Site.objects.filter(pk__in=actor.sites(*set(roles) - {Role.TEACHER})).values("pk")
    if Role.TEACHER in roles and Role.TEACHER in actor.roles:
        taught = schools_access.groups(actor).values("school__site")
        sites = Site.objects.filter(Q(pk__in=sites) | Q(pk__in=taught)).values("pk")
    kept = Custody.objects.open().keepers().filter(site__in=sites).values("instrument")
    whole = [role for role in roles if role in WIDE]  # a teacher's posting is wide, the reason to see is not
    return Q(organisation__in=actor.organisations(*whole)) | Q(pk__in=kept)


def instruments(actor: Actor) -> Instruments:
    return Instrument.objects.filter(_reach(actor, (*WIDE, Role.SCHOOL_HEAD, Role.TEACHER)))


def instrument(actor: Actor, uid: uuid.UUID) -> Instrument:
    return queries.hang_parties(_instrument(actor, uid))


@prepared_row
def _instrument(actor: Actor, uid: uuid.UUID) -> Instruments:
    return instruments(actor).filter(uid=uid).select_related("kind", "size")


def instruments_to_run(actor: Actor) -> Instruments:
    """Which the actor may issue, take back, label and retire."""
    return Instrument.objects.filter(_reach(actor, RUNS))


def instrument_to_run(actor: Actor, uid: uuid.UUID) -> Instrument:
    return queries.hang_parties(_instrument_to_run(actor, uid))


@prepared_row
def _instrument_to_run(actor: Actor, uid: uuid.UUID) -> Instruments:
    return instruments_to_run(actor).filter(uid=uid).select_related("kind", "size")


def instruments_to_lend(actor: Actor) -> Instruments:
    """Which the actor may lend and take back from a holder."""
    return Instrument.objects.filter(_reach(actor, LENDS))


def instrument_to_lend(actor: Actor, uid: uuid.UUID) -> Instrument:
    return queries.hang_parties(_instrument_to_lend(actor, uid))


@prepared_row
def _instrument_to_lend(actor: Actor, uid: uuid.UUID) -> Instruments:
    return instruments_to_lend(actor).filter(uid=uid).select_related("kind", "size")


def scanned(actor: Actor, tag: str) -> Scanned | None:
    """What a label leads to, out of what the actor sees, in one question."""
    row = _scanned.first(actor, tag)
    return Scanned._make(row) if row else None


@prepared
def _scanned(actor: Actor, tag: str) -> QuerySet[Instrument, tuple[Any, ...]]:
    return as_scanned(instruments(actor).filter(tag=tag))


def scanned_to_lend(actor: Actor, tag: str) -> Scanned | None:
    """The same out of what the actor may lend and take back."""
    row = _scanned_to_lend.first(actor, tag)
    return Scanned._make(row) if row else None


@prepared
def _scanned_to_lend(actor: Actor, tag: str) -> QuerySet[Instrument, tuple[Any, ...]]:
    return as_scanned(instruments_to_lend(actor).filter(tag=tag))


@prepared
def held_by(actor: Actor, child: int) -> Instruments:
    """What a child has in care now, of the instruments that the actor sees."""
    held = Custody.objects.open().holders().filter(child=child).values("instrument")
    return instruments(actor).filter(pk__in=held).select_related("kind", "size")


def may_run(actor: Actor, instrument: Instrument) -> bool:
    """Would `instruments_to_run` give it? Asked of a row with its parties, without the database."""
    return instrument.organisation_id in actor.organisations(*RUNS) or instrument.keeper.pk in actor.sites(*RUNS)


def may_lend(actor: Actor, instrument: Instrument) -> bool:
    """Would `instruments_to_lend` give it? Only for a teacher that takes a query."""
    if may_run(actor, instrument):
        return True
    return Role.TEACHER in actor.roles and _sees_groups_at(actor, instrument.keeper.pk)


@prepared_test
def _sees_groups_at(actor: Actor, site: int) -> QuerySet[Group]:
    return schools_access.groups(actor).filter(school__site=site)


def instruments_to_report(actor: Actor) -> Instruments:
    """Of which the actor may say what is wrong."""
    return Instrument.objects.filter(_reach(actor, REPORTS))


def instrument_to_report(actor: Actor, uid: uuid.UUID) -> Instrument:
    return get_object_or_404(instruments_to_report(actor).with_parties(), uid=uid, retired_on=None)


def may_report(actor: Actor, instrument: Instrument) -> bool:
    """Whoever sees an instrument may report, but for the office."""
    return instrument.retired_on is None and bool(actor.roles & set(REPORTS))


def defects(actor: Actor) -> Defects:
    """Defects of the instruments that the actor sees."""
    return Defect.objects.filter(instrument__in=instruments(actor)).select_related(
        "instrument__kind", "instrument__size", "instrument__organisation", "kind", "by", "photo", "holding"
    )


def defect(actor: Actor, pk: uuid.UUID) -> Defect:
    return get_object_or_404(defects(actor), pk=pk)


def defect_to_change(actor: Actor, pk: uuid.UUID) -> Defect:
    """To add a photo to, or to take back: by who reported it, or who runs the instrument."""
    own = Q(by=actor.account) | Q(instrument__in=instruments_to_run(actor))
    return get_object_or_404(defects(actor).filter(own), pk=pk)


def may_change_defect(actor: Actor, defect: Defect) -> bool:
    """Would `defect_to_change` give it?"""
    return defect.by_id == actor.account.pk or instruments_to_run(actor).filter(pk=defect.instrument_id).exists()


def defects_to_answer(actor: Actor) -> Defects:
    """For which the actor may lend a loaner: of instruments they run, or of children they teach."""
    taught = schools_access.children_to_teach(actor)
    return defects(actor).filter(Q(instrument__in=instruments_to_run(actor)) | Q(holding__child__in=taught))


def defect_to_answer(actor: Actor, pk: uuid.UUID) -> Defect:
    return get_object_or_404(defects_to_answer(actor), pk=pk)


def may_answer_defect(actor: Actor, defect: Defect) -> bool:
    return defects_to_answer(actor).filter(pk=defect.pk).exists()


# --- the workshop -------------------------------------------------------------------------------------------
def _works_at(actor: Actor, *roles: Role, at: str = "") -> Q:
    """Places of the actor's organisations or single sites in these roles; `at` leads to the place ("workshop__")."""
    return Q((f"{at}organisation__in", actor.organisations(*roles))) | Q((f"{at}pk__in", actor.sites(*roles)))


def workshops(actor: Actor) -> QuerySet[Site]:
    """Places where the actor works on instruments."""
    found = Site.objects.filter(_works_at(actor, *WORKS), closed_on=None).exclude(sort__in=[Site.SCHOOL, Site.HALL])
    return found.select_related("organisation")


def workshop(actor: Actor, pk: int) -> Site:
    return get_object_or_404(workshops(actor), pk=pk)


def instruments_to_mend(actor: Actor) -> Instruments:
    """On which the actor may work: of the organisation, or kept by the own workshop."""
    return Instrument.objects.filter(_reach(actor, WORKS))


def repairs(actor: Actor) -> Repairs:
    """Tickets of the workshops where the actor works."""
    return Repair.objects.filter(_works_at(actor, *WORKS, at="workshop__")).select_related(
        "instrument__kind", "instrument__size", "instrument__organisation", "workshop__organisation", "assigned_to"
    )


def repair(actor: Actor, pk: uuid.UUID) -> Repair:
    return get_object_or_404(repairs(actor), pk=pk)


def repair_to_sign(actor: Actor, pk: uuid.UUID) -> Repair:
    """A ticket on which the actor signs what a trainee did."""
    return get_object_or_404(repairs(actor).filter(_works_at(actor, Role.WORKSHOP_MASTER, at="workshop__")), pk=pk)


def may_sign(actor: Actor, repair: Repair) -> bool:
    """Would `repair_to_sign` give it? A master of one workshop may be learning in another."""
    return repairs(actor).filter(_works_at(actor, Role.WORKSHOP_MASTER, at="workshop__"), pk=repair.pk).exists()


def repair_to_finish(actor: Actor, pk: uuid.UUID) -> Repair:
    """A ticket of which the actor may say that the work is over."""
    return get_object_or_404(repairs(actor).filter(_works_at(actor, *FINISHES, at="workshop__")), pk=pk)


def repairs_to_settle(actor: Actor) -> Repairs:
    """Tickets of which the actor may hand the instrument back: who runs it, or teaches the child who waits."""
    taught = schools_access.children_to_teach(actor)
    about = RepairDefect.objects.filter(defect__holding__child__in=taught).values("repair")
    return Repair.objects.filter(Q(instrument__in=instruments_to_run(actor)) | Q(pk__in=about)).select_related(
        "instrument__kind", "instrument__size", "instrument__organisation", "workshop"
    )


def repair_to_settle(actor: Actor, pk: uuid.UUID) -> Repair:
    return get_object_or_404(repairs_to_settle(actor), pk=pk)


def parts(actor: Actor) -> Parts:
    """What lies in the drawers of the workshops where the actor works."""
    return Part.objects.filter(site__in=workshops(actor)).select_related("site__organisation", "kind", "size")


def part(actor: Actor, pk: int) -> Part:
    return get_object_or_404(parts(actor), pk=pk)


def organisations_to_maintain(actor: Actor) -> QuerySet[Organisation]:
    """Organisations of which the actor sets the rules of maintenance."""
    return Organisation.objects.filter(pk__in=actor.organisations(*FINISHES))


def rules_to_maintain(actor: Actor) -> QuerySet[MaintenanceRule]:
    found = MaintenanceRule.objects.filter(organisation__in=organisations_to_maintain(actor))
    return found.select_related("organisation", "kind", "size")


def rule_to_maintain(actor: Actor, pk: int) -> MaintenanceRule:
    return get_object_or_404(rules_to_maintain(actor), pk=pk)


def jobs(actor: Actor) -> Jobs:
    """Maintenance of the instruments on which the actor works."""
    found = MaintenanceJob.objects.filter(instrument__in=instruments_to_mend(actor))
    return found.select_related("rule__organisation", "instrument__kind", "instrument__size")


def job(actor: Actor, pk: int) -> MaintenanceJob:
    return get_object_or_404(jobs(actor), pk=pk)


def learners(actor: Actor) -> QuerySet[Account]:
    """Whose record of skills the actor reads: the own one, and of who learns in the own workshop, now or before."""
    master = Role.WORKSHOP_MASTER
    taught = Posting.objects.filter(
        Q(organisation__in=actor.organisations(master)) | Q(site__in=actor.sites(master)), role=Role.TRAINEE.value
    )
    own = Q(pk=actor.account.pk) if actor.roles & set(REPAIRS) else Q(pk__in=[])
    return Account.objects.filter(own | Q(pk__in=taught.values("account")))


def learner(actor: Actor, uid: uuid.UUID) -> Account:
    return get_object_or_404(learners(actor), uid=uid)


def schools_to_compare(actor: Actor) -> QuerySet[School]:
    """Schools of which the actor sees how many weeks children were without an instrument: a count, no child."""
    return School.objects.filter(_works_at(actor, *COMPARES, at="site__")).select_related("site__organisation")


# --- handovers and lists ------------------------------------------------------------------------------------
@prepared_row
def handover_to_run(actor: Actor, pk: uuid.UUID) -> QuerySet[Handover]:
    """A handover in an organisation of which the actor runs the instruments."""
    made = Handover.objects.filter(organisation__in=actor.organisations(*RUNS)).select_related("by", "reverses")
    return made.filter(pk=pk)


def list_to_run(actor: Actor, pk: uuid.UUID) -> InstrumentImport:
    lists = InstrumentImport.objects.filter(site__organisation__in=actor.organisations(*RUNS))
    return get_object_or_404(lists.select_related("site__organisation"), pk=pk)


def stocks(actor: Actor) -> QuerySet[Organisation]:
    """Organisations of which the actor may promise the instruments."""
    return Organisation.objects.filter(pk__in=actor.organisations(*RUNS))


def reservations(actor: Actor) -> Reservations:
    """What is promised out of the stocks that the actor runs."""
    return Reservation.objects.filter(organisation__in=actor.organisations(*RUNS))


def reservation(actor: Actor, pk: uuid.UUID) -> Reservation:
    return get_object_or_404(reservations(actor).select_related("organisation", "site__organisation", "by"), pk=pk)


def labels(actor: Actor) -> Labels:
    """Labels printed ahead that the actor may stick on an instrument."""
    return Label.objects.filter(organisation__in=actor.organisations(*RUNS))


def label_to_claim(actor: Actor, tag: str) -> Label:
    """One that is on nothing yet."""
    return get_object_or_404(labels(actor).unclaimed().select_related("organisation"), tag=tag)


def label_batches(actor: Actor) -> QuerySet[LabelBatch]:
    return LabelBatch.objects.filter(organisation__in=actor.organisations(*RUNS))


def found_notices(actor: Actor) -> FoundNotices:
    """Messages about labels of the organisations that the actor runs; about those of nobody: whoever runs one."""
    own = actor.organisations(*RUNS)
    return FoundNotice.objects.filter(Q(organisation__in=own) | (Q(organisation=None) if own else Q(pk__in=[])))


def found_notice(actor: Actor, pk: uuid.UUID) -> FoundNotice:
    return get_object_or_404(found_notices(actor), pk=pk)


def places_to_count(actor: Actor) -> QuerySet[Site]:
    """Where the actor may take stock: every place of the organisations they run, or their own single sites."""
    own = Q(organisation__in=actor.organisations(*RUNS)) | Q(pk__in=actor.sites(*RUNS))
    return Site.objects.filter(own, closed_on=None).select_related("organisation")


def stocktakes(actor: Actor) -> Stocktakes:
    """Counts that the actor may join: of the organisations they run, or of their own single sites."""
    return Stocktake.objects.filter(
        Q(organisation__in=actor.organisations(*RUNS)) | Q(site__in=actor.sites(*RUNS)), opened_at__isnull=False
    )


def stocktake(actor: Actor, pk: uuid.UUID) -> Stocktake:
    rows = stocktakes(actor).select_related("organisation", "site", "kind", "opened_by", "finished_by")
    return get_object_or_404(rows, pk=pk)


ASKS = (*RUNS, Role.SCHOOL_HEAD)  # a depot, for places of their own


def requests(actor: Actor) -> Requests:
    """Asked of a stock that the actor runs, or by their own organisation, school or place."""
    run = actor.organisations(*RUNS)
    own = Q(asked_of__in=run) | Q(organisation__in=run) | Q(site__in=actor.sites(*ASKS))
    return InstrumentRequest.objects.filter(own)


def instrument_request(actor: Actor, pk: uuid.UUID) -> InstrumentRequest:
    return get_object_or_404(requests(actor).with_lines(), pk=pk)


def may_answer(actor: Actor, request: InstrumentRequest) -> bool:
    return request.asked_of_id in actor.organisations(*RUNS)


def may_withdraw(actor: Actor, request: InstrumentRequest) -> bool:
    return request.organisation_id in actor.organisations(*RUNS) or request.site_id in actor.sites(*ASKS)


def places_to_ask_for(actor: Actor) -> QuerySet[Site]:
    """Where the actor may ask instruments to go."""
    own = Q(organisation__in=actor.organisations(*RUNS)) | Q(pk__in=actor.sites(*ASKS))
    return Site.objects.filter(own, closed_on=None).select_related("organisation")


def depots_to_ask(actor: Actor) -> QuerySet[Organisation]:
    """Whose depot the actor may ask: a head the own one, who runs a stock every organisation that has a depot."""
    with_depot = Organisation.objects.filter(
        Exists(Site.objects.filter(organisation=OuterRef("pk"), sort=Site.DEPOT, closed_on=None))
    )
    if actor.organisations(*RUNS):
        return with_depot
    return with_depot.filter(sites__in=actor.sites(*ASKS)).distinct()


def shipments(actor: Actor) -> QuerySet[Shipment]:
    """Sent from a stock that the actor runs, or to a place of theirs."""
    run = actor.organisations(*RUNS)
    own = Q(organisation__in=run) | Q(to_site__organisation__in=run) | Q(to_site__in=actor.sites(*ASKS))
    return Shipment.objects.filter(own).select_related("organisation", "to_site__organisation", "sent_with", "by")


def shipment(actor: Actor, pk: uuid.UUID) -> Shipment:
    return get_object_or_404(shipments(actor), pk=pk)


def may_receive(actor: Actor, shipment: Shipment) -> bool:
    return shipment.to_site.organisation_id in actor.organisations(*RUNS) or shipment.to_site_id in actor.sites(*ASKS)


def has_sent(actor: Actor, shipment: Shipment) -> bool:
    return shipment.organisation_id in actor.organisations(*RUNS)


def surpluses_run(actor: Actor) -> Surpluses:
    """What the actor's own organisations offer."""
    return Surplus.objects.open().filter(organisation__in=actor.organisations(*RUNS))


def surpluses_of_others(actor: Actor) -> Surpluses:
    """What other organisations offer, for who runs a stock: kind, size, number."""
    run = actor.organisations(*RUNS)
    offered = Surplus.objects.open().exclude(organisation__in=run) if run else Surplus.objects.none()
    return offered.select_related("organisation", "kind", "size").order_by("kind__position", "size__position", "pk")


def loans_out(actor: Actor) -> Loans:
    """Instruments of the actor's organisations that another one uses now: which, where, until when. Nothing else."""
    return Loan.objects.open().filter(lender__in=actor.organisations(*SEES))


def loans_in(actor: Actor) -> Loans:
    """Instruments of others that the actor's organisations use now."""
    return Loan.objects.open().filter(borrower__in=actor.organisations(*SEES))


def keepers(actor: Actor) -> QuerySet[Site]:
    """Places that can keep instruments, in the organisations where the actor runs them."""
    return Site.objects.filter(organisation__in=actor.organisations(*RUNS), closed_on=None).select_related(
        "organisation"
    )


def organisations_seen(actor: Actor) -> QuerySet[Organisation]:
    """The organisations of which the actor sees all instruments, and what they are worth."""
    return Organisation.objects.filter(pk__in=actor.organisations(*SEES))


def gifts(actor: Actor) -> QuerySet[Gift]:
    """What was given to the organisations of which the actor runs all instruments."""
    return Gift.objects.filter(organisation__in=actor.organisations(*RUNS))


def gift_to_run(actor: Actor, uid: uuid.UUID) -> Gift:
    return get_object_or_404(gifts(actor).select_related("organisation", "donor", "kind", "instrument__kind"), uid=uid)


def donors(actor: Actor) -> QuerySet[Donor]:
    """Who gave to them; their names and where to thank them."""
    return Donor.objects.filter(organisation__in=actor.organisations(*RUNS))


def donor_to_run(actor: Actor, uid: uuid.UUID) -> Donor:
    return get_object_or_404(donors(actor).select_related("organisation"), uid=uid)


def keepers_seen(actor: Actor) -> QuerySet[Site]:
    """Places to choose from in a list of the instruments the actor sees."""
    own = Q(organisation__in=actor.organisations(*WIDE)) | Q(pk__in=actor.sites(*WIDE, Role.SCHOOL_HEAD))
    if Role.TEACHER in actor.roles:
        own |= Q(pk__in=schools_access.groups(actor).values("school__site"))
    return Site.objects.filter(own)


def depots(actor: Actor) -> QuerySet[Site]:
    return keepers(actor).exclude(sort__in=[Site.SCHOOL, Site.OUTSIDE])


@dataclass(frozen=True)
class HolderLabel:
    """How a holder stands on a page for one reader."""

    words: str  # "Amina · 5A", "Noor de Wit"; empty: a child whom this reader does not see
    child: Child | None = None  # only for who may open the child's page


def holder_labels(actor: Actor, custodies: Iterable[Custody], on: date) -> dict[uuid.UUID, HolderLabel]:
    """A label for each open holder among `custodies`, by the id of the custody: three queries for any number."""
    held = [custody for custody in custodies if custody.ended_at is None]
    children = [custody.child_id for custody in held if custody.child_id]
    may_open: set[int] = set()
    groups: dict[int, str] = {}
    if children:
        may_open = set(schools_access.seen_among(actor, tuple(children)))
        groups = queries.group_names(children, on)
    served = actor.organisations(Role.DEPOT_KEEPER)
    at_sites: set[uuid.UUID] = set()
    if children and actor.sites(Role.DEPOT_KEEPER):
        reach = Custody.objects.open().keepers().filter(site__in=actor.sites(Role.DEPOT_KEEPER)).values("instrument")
        at_sites = set(
            Custody.objects.filter(pk__in=[c.pk for c in held], instrument__in=reach).values_list("pk", flat=True)
        )
    labels = {}
    for custody in held:
        if custody.account:
            labels[custody.pk] = HolderLabel(custody.account.name)
        elif custody.child:
            is_seen = custody.child_id in may_open or custody.child.organisation_id in served or custody.pk in at_sites
            words = [custody.child.first_name, groups.get(custody.child_id or 0, "")] if is_seen else []
            labels[custody.pk] = HolderLabel(
                words=" · ".join(word for word in words if word),
                child=custody.child if custody.child_id in may_open else None,
            )
    return labels


# --- the desk ---------------------------------------------------------------------------------------------
def reports(actor: Actor) -> QuerySet[ConditionReport]:
    """How instruments looked when they changed hands: for who sees the instrument. No child stands in a report."""
    return ConditionReport.objects.filter(instrument__in=instruments(actor))


def report(actor: Actor, pk: int) -> ConditionReport:
    found = reports(actor).select_related(
        "handover__organisation", "handover__by", "instrument__kind", "instrument__size", "picture"
    )
    return get_object_or_404(found, pk=pk)


def returns(actor: Actor) -> QuerySet[ConditionReport]:
    """What came back over a desk where the actor may take instruments back."""
    return ConditionReport.objects.filter(instrument__in=instruments_to_lend(actor)).exclude(outcome="")


def return_report(actor: Actor, pk: int) -> ConditionReport:
    found = returns(actor).select_related(
        "handover__organisation", "handover__by", "instrument__kind", "instrument__size", "picture"
    )
    return get_object_or_404(found, pk=pk)


def acceptances(actor: Actor) -> QuerySet[Acceptance]:
    """Signed agreements. Of a loan: for who sees that child, and for the depot while it lasts. Of a class set: for who
    runs the stock, and the head of the school that took it over."""
    begun = Custody.objects.filter(began_with=OuterRef("pk"))
    of_child = begun.filter(child__in=schools_access.children(actor))
    in_reach = Instrument.objects.filter(_reach(actor, (Role.DEPOT_KEEPER,)))
    run = Q(handover__organisation__in=actor.organisations(*RUNS), handover__sort=HandoverSort.ISSUE.value)
    at_school = begun.filter(site__in=actor.sites(Role.SCHOOL_HEAD))
    return Acceptance.objects.filter(
        Exists(of_child) | Exists(begun.open().filter(instrument__in=in_reach)) | run | Exists(at_school)
    )


def acceptance(actor: Actor, pk: uuid.UUID) -> Acceptance:
    return get_object_or_404(acceptances(actor).select_related("terms", "mark", "pdf", "handover"), pk=pk)


def paper_form(actor: Actor, pk: uuid.UUID) -> PaperForm:
    """A form of a child to whom the actor may hand an instrument today."""
    members = Membership.objects.on(actor.on).filter(group__in=schools_access.groups_to_hand_out_in(actor))
    found = PaperForm.objects.filter(child__in=members.values("child")).select_related("child", "terms")
    return get_object_or_404(found, pk=pk)


def cleanings(actor: Actor) -> QuerySet[Cleaning]:
    """What waits to be cleaned, of the instruments that the actor runs."""
    return Cleaning.objects.open().filter(instrument__in=instruments_to_run(actor))


def cleaning(actor: Actor, pk: int) -> Cleaning:
    return get_object_or_404(cleanings(actor).select_related("instrument__organisation"), pk=pk)


def organisations_to_word(actor: Actor) -> QuerySet[Organisation]:
    """Organisations whose terms the actor may publish."""
    return Organisation.objects.filter(pk__in=actor.organisations(Role.COORDINATOR, Role.OFFICE))
