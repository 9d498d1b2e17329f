"""Who may reach which route and which object behind it. Written by hand, not from leerorkest/policy.py.

Policy and doors are what is tested; this is what they are tested against. A route without a row fails the matrix.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .world import BESIDE, ELSEWHERE, HERE, LEFT, MOVED, OVERSEAS

STAFF = {"noor", "eva", "sam", "kim", "luca", "mia", "joost", "dora", "hanna", "hugo", "bram", "yara", "ola", "olga"}
SIGNED_IN = STAFF | {"unposted", "wim", "past"}
TEACHERS, HEADS = {"noor", "eva", "mia"}, {"hanna", "hugo"}
COORDINATORS = {"sam", "kim", "luca", "mia"}
KEEPERS, OFFICES = {"joost", "dora"}, {"ola", "olga"}
MASTERS, TRAINEES = {"bram"}, {"yara"}
ANY = "any"  # a route without an object

Reach = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Row:
    """`reads` and `writes`: actor → relations. `writes` (POST) is as `reads` when it is not given."""

    reads: Reach = field(default_factory=dict)
    writes: Reach | None = None
    public: bool = False
    closed: bool = False
    on_the_way_in: bool = False  # also with a password only
    a_look_changes: frozenset[str] = frozenset()  # tables that a GET may write, each with a reason on its row

    def allows(self, actor: str, method: str, relation: str) -> bool:
        reach = self.reads if self.writes is None or method in {"GET", "HEAD", "OPTIONS"} else self.writes
        relations = reach.get(actor, frozenset())
        return ANY in relations or relation in relations


def page(actors: Iterable[str], **how: bool) -> Row:
    return Row(reads={actor: frozenset({ANY}) for actor in actors}, **how)


def reach(table: Mapping[str, Iterable[str]], writes: Mapping[str, Iterable[str]] | None = None, **how: bool) -> Row:
    frozen = {actor: frozenset(relations) for actor, relations in table.items()}
    written = None if writes is None else {actor: frozenset(relations) for actor, relations in writes.items()}
    return Row(reads=frozen, writes=written, **how)


# who sees all instruments of an organisation, not those of single sites
OF_A_WHOLE_STOCK = {"sam", "joost", "ola", "luca", "dora", "olga"}

GIFTS_RUN = {"sam": {HERE}, "joost": {HERE}, "luca": {OVERSEAS}, "dora": {OVERSEAS}}

PUBLIC, CLOSED = Row(public=True), Row(closed=True)
OWN = page(SIGNED_IN)
OWN_CODES = replace(OWN, a_look_changes=frozenset({"mfa_authenticator"}))  # allauth notes that they were shown
OWN_ON_THE_WAY_IN = page(SIGNED_IN, on_the_way_in=True)

# --- what each actor can reach, in words of the world -------------------------------------------------
CHILDREN = {
    "noor": {HERE},
    "eva": {ELSEWHERE},
    "sam": {HERE, BESIDE, MOVED, LEFT, ELSEWHERE},
    "kim": {ELSEWHERE},
    "luca": {OVERSEAS},
    "mia": {HERE, ELSEWHERE},
    "hanna": {HERE, BESIDE, MOVED},
    "hugo": {ELSEWHERE},
}
CHILDREN_RUN = {**{actor: CHILDREN[actor] for actor in ("sam", "kim", "luca")}, "mia": {ELSEWHERE}}
GROUPS = {
    "noor": {HERE},
    "eva": {ELSEWHERE},
    "sam": {HERE, BESIDE, ELSEWHERE},
    "kim": {ELSEWHERE},
    "luca": {OVERSEAS},
    "mia": {HERE, ELSEWHERE},
    "hanna": {HERE, BESIDE},
    "hugo": {ELSEWHERE},
}
GROUPS_RUN = {**{actor: GROUPS[actor] for actor in ("sam", "kim", "luca")}, "mia": {ELSEWHERE}}
SCHOOLS = {
    "noor": {HERE},
    "eva": {ELSEWHERE},
    "sam": {HERE, ELSEWHERE},
    "kim": {ELSEWHERE},
    "luca": {OVERSEAS},
    "mia": {HERE, ELSEWHERE},
    "joost": {HERE, ELSEWHERE},
    "dora": {OVERSEAS},
    "hanna": {HERE},
    "hugo": {ELSEWHERE},
    "ola": {HERE, ELSEWHERE},
    "olga": {OVERSEAS},
}
COVERS_RUN = {"sam": {HERE}, "luca": {OVERSEAS}}
SCHOOLS_RUN = {"sam": {HERE, ELSEWHERE}, "kim": {ELSEWHERE}, "mia": {ELSEWHERE}, "luca": {OVERSEAS}}
PLACES_RUN = {**SCHOOLS_RUN, "ola": {HERE, ELSEWHERE}, "olga": {OVERSEAS}}
MARKED = {actor: GROUPS[actor] for actor in ("noor", "eva", "sam", "kim", "luca", "mia")}
SHELF, WORKSHOP = "shelf", "workshop"
IN_AMSTERDAM = {HERE, BESIDE, LEFT, ELSEWHERE, SHELF, WORKSHOP}
AT_REGENBOOG = {HERE, BESIDE, LEFT}
INSTRUMENTS_RUN = {
    "sam": IN_AMSTERDAM,
    "kim": {ELSEWHERE},
    "mia": {ELSEWHERE},
    "luca": {OVERSEAS},
    "joost": IN_AMSTERDAM,
    "dora": {OVERSEAS},
}
INSTRUMENTS_LENT = {
    **INSTRUMENTS_RUN,
    "noor": AT_REGENBOOG,
    "eva": {ELSEWHERE},
    "mia": AT_REGENBOOG | {ELSEWHERE},
}
INSTRUMENTS = {
    **INSTRUMENTS_LENT,
    "hanna": AT_REGENBOOG,
    "hugo": {ELSEWHERE},
    "bram": IN_AMSTERDAM,
    "yara": {WORKSHOP},
    "ola": IN_AMSTERDAM,
    "olga": {OVERSEAS},
}
INSTRUMENTS_REPORTED = {who: seen for who, seen in INSTRUMENTS.items() if who not in OFFICES}
REPAIRS_WORKED = {"sam": {HERE, WORKSHOP}, "joost": {HERE, WORKSHOP}, "bram": {HERE, WORKSHOP}, "yara": {WORKSHOP}}
REPAIRS_WORKED |= {"luca": {OVERSEAS}, "dora": {OVERSEAS}}
REPAIRS_FINISHED = {who: REPAIRS_WORKED[who] for who in ("sam", "joost", "bram", "luca", "dora")}
REPAIRS_SETTLED = {"sam": {HERE, WORKSHOP}, "joost": {HERE, WORKSHOP}, "luca": {OVERSEAS}, "dora": {OVERSEAS}}
REPAIRS_SETTLED |= {"noor": {HERE}, "mia": {HERE}}  # they teach the child who held it
DEFECTS_ANSWERED = {**INSTRUMENTS_RUN, "noor": {HERE}, "eva": {ELSEWHERE}, "mia": {HERE, ELSEWHERE}}
INSTRUMENTS_MENDED = {**INSTRUMENTS_RUN, "bram": IN_AMSTERDAM, "yara": {WORKSHOP}}
JOBS = {who: INSTRUMENTS_MENDED[who] & {HERE, ELSEWHERE, OVERSEAS, WORKSHOP} for who in INSTRUMENTS_MENDED}
WORKERS = COORDINATORS | KEEPERS | MASTERS | TRAINEES
LENDERS = TEACHERS | COORDINATORS | KEEPERS
SKILLS = {"bram": {"trainee", "master"}, "yara": {"trainee"}}
DEFECTS_CHANGED = {  # by who reported it, or runs the instrument
    **INSTRUMENTS_RUN,
    "noor": {HERE},
    "hanna": {BESIDE},
    "eva": {ELSEWHERE},
    "bram": {SHELF},
    "yara": {WORKSHOP},
}
HANDOVERS = {
    "sam": IN_AMSTERDAM,
    "luca": {OVERSEAS},
    "joost": IN_AMSTERDAM,
    "dora": {OVERSEAS},
}
# here: for De Regenboog, within Amsterdam; overseas: within Curaçao; between: Amsterdam sends, a depot on Curaçao asks
BETWEEN_CITIES = {
    "sam": {HERE, "between"},
    "joost": {HERE, "between"},
    "hanna": {HERE},
    "luca": {OVERSEAS, "between"},
    "dora": {OVERSEAS, "between"},
}

COUNTED = {  # stocktakes: of the depot, of 't Koraal, of the depot overseas
    "sam": {HERE, ELSEWHERE},
    "kim": {ELSEWHERE},
    "mia": {ELSEWHERE},
    "luca": {OVERSEAS},
    "joost": {HERE, ELSEWHERE},
    "dora": {OVERSEAS},
}

# To whose children an instrument may be handed, and whose loans one reads: a depot while they last.
GROUPS_SERVED = {
    **{actor: GROUPS[actor] for actor in ("noor", "eva", "sam", "kim", "luca", "mia")},
    "joost": {HERE, BESIDE, ELSEWHERE},
    "dora": {OVERSEAS},
}
FORMS = {**GROUPS_SERVED, "sam": {HERE, BESIDE, MOVED, ELSEWHERE}, "joost": {HERE, BESIDE, MOVED, ELSEWHERE}}
LOANS = {
    **{actor: CHILDREN[actor] - {MOVED} for actor in CHILDREN},
    "joost": {HERE, BESIDE, ELSEWHERE},
    "dora": {OVERSEAS},
}

IN_CHARGE = {"sam", "luca", "ola", "olga"}  # of a whole organisation's programme
ORGANISATIONS_RUN = {"sam": {HERE}, "ola": {HERE}, "luca": {OVERSEAS}, "olga": {OVERSEAS}}
OFFICE_OF = {"ola": {HERE}, "olga": {OVERSEAS}}

# --- the rows -----------------------------------------------------------------------------------------
EXPECTED: dict[str, Row] = {
    "home:start": OWN,
    "home:story": PUBLIC,
    "shared:language": PUBLIC,
    "shared:about": PUBLIC,
    "shared:style": page(STAFF),
    "shared:scan": page(STAFF),
    "shared:health": PUBLIC,
    # signing in
    "account_login": PUBLIC,
    "account_logout": OWN_ON_THE_WAY_IN,
    "mfa_login_webauthn": PUBLIC,
    "mfa_authenticate": PUBLIC,
    "account_reauthenticate": OWN_ON_THE_WAY_IN,
    "mfa_reauthenticate": OWN_ON_THE_WAY_IN,
    "mfa_reauthenticate_webauthn": OWN_ON_THE_WAY_IN,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_change_password": OWN_ON_THE_WAY_IN,
    "account_set_password": OWN_ON_THE_WAY_IN,
    "mfa_index": OWN_ON_THE_WAY_IN,
    "mfa_activate_totp": OWN_ON_THE_WAY_IN,
    "mfa_deactivate_totp": OWN,
    "mfa_view_recovery_codes": OWN_CODES,
    "mfa_generate_recovery_codes": OWN,
    "mfa_download_recovery_codes": OWN_CODES,
    "mfa_list_webauthn": OWN_ON_THE_WAY_IN,
    "mfa_add_webauthn": OWN_ON_THE_WAY_IN,
    "mfa_edit_webauthn": reach({}),
    "mfa_remove_webauthn": reach({}),
    "account_signup": CLOSED,
    "account_inactive": CLOSED,
    "account_email": CLOSED,
    "account_email_verification_sent": CLOSED,
    "account_confirm_email": CLOSED,
    "account_confirm_login_code": CLOSED,
    # network
    "network:calendar": OWN,
    "network:load_holidays": page(IN_CHARGE),
    "network:add_holiday": page(IN_CHARGE),
    "network:change_holiday": reach(ORGANISATIONS_RUN),
    "network:confirm_holiday": reach(ORGANISATIONS_RUN),
    "network:remove_holiday": reach(ORGANISATIONS_RUN),
    "network:grades": page(IN_CHARGE),
    "network:sites": page(IN_CHARGE),
    "network:site": reach(PLACES_RUN),
    # people
    "people:accounts": page(OFFICES),
    "people:invite": page(OFFICES),
    "people:account": reach(OFFICE_OF),
    "people:new_invitation": reach(OFFICE_OF),
    "people:give_posting": reach(OFFICE_OF),
    "people:vog": reach(OFFICE_OF),
    "people:suspend": reach(OFFICE_OF),
    "people:restore": reach(OFFICE_OF),
    "people:end_posting": reach(OFFICE_OF),
    "people:invitation": PUBLIC,
    # schools
    "schools:schools": OWN,
    "schools:school": reach(SCHOOLS),
    "schools:group": reach(GROUPS),
    "schools:assign_teacher": reach(GROUPS_RUN),
    "schools:end_teaching": reach(SCHOOLS_RUN),
    "schools:children": page(COORDINATORS),
    "schools:child": reach(CHILDREN),
    "schools:playing": reach({**CHILDREN_RUN, "noor": {HERE}, "eva": {ELSEWHERE}, "mia": {HERE, ELSEWHERE}}),
    "schools:register": page(COORDINATORS | OFFICES),
    "schools:registered": reach({actor: {"registered"} for actor in COORDINATORS | OFFICES}),
    "schools:start": reach({actor: {"registered"} for actor in IN_CHARGE}),
    "schools:enter": page(IN_CHARGE),
    "schools:years": page(IN_CHARGE),
    "schools:roster": reach(SCHOOLS_RUN),
    "schools:roster_import": reach(SCHOOLS_RUN),
    "schools:apply_roster": reach(SCHOOLS_RUN),
    "schools:undo_roster": reach(SCHOOLS_RUN),
    "schools:discard_roster": reach(SCHOOLS_RUN),
    # depot
    "depot:instruments": page(STAFF),
    "depot:export": page(COORDINATORS | KEEPERS | OFFICES),
    "depot:find": page(STAFF),
    "depot:take_in": page(COORDINATORS | KEEPERS),
    "depot:issue": page(COORDINATORS | KEEPERS),
    "depot:give_back": page(TEACHERS | COORDINATORS | KEEPERS),
    "depot:take_back": page(COORDINATORS | KEEPERS),
    "depot:instrument": reach(INSTRUMENTS),
    "depot:lend": reach(INSTRUMENTS_LENT),
    "depot:retire": reach(INSTRUMENTS_RUN),
    "depot:handover": reach(HANDOVERS),
    "depot:reservations": page(COORDINATORS | KEEPERS),
    "depot:reserve": page(COORDINATORS | KEEPERS),
    "depot:reservation": reach({"sam": {HERE}, "joost": {HERE}, "luca": {OVERSEAS}, "dora": {OVERSEAS}}),
    "depot:move": page(COORDINATORS | KEEPERS),
    "depot:shelf_labels": page(COORDINATORS | KEEPERS),
    "depot:home_rules": page(COORDINATORS | KEEPERS),
    "depot:change_owner": reach(INSTRUMENTS_RUN),
    "depot:children_without": page(COORDINATORS),
    "depot:kit": reach(INSTRUMENTS_RUN),
    "depot:gifts": page(COORDINATORS | KEEPERS),
    "depot:new_gift": page(COORDINATORS | KEEPERS),
    "depot:gift": reach(GIFTS_RUN),
    "depot:donor_link": reach(GIFTS_RUN),
    "depot:revoke_link": reach(GIFTS_RUN),
    "depot:values": page(OF_A_WHOLE_STOCK),
    "depot:insurer_list": reach({actor: {"a list"} for actor in OF_A_WHOLE_STOCK}),
    "depot:value_rules": page(COORDINATORS | KEEPERS),
    "depot:value": reach(INSTRUMENTS_RUN),
    "depot:found_notices": page(COORDINATORS | KEEPERS),
    "depot:handle_found": reach({"sam": {HERE}, "joost": {HERE}, "luca": {OVERSEAS}, "dora": {OVERSEAS}}),
    "depot:labels_ahead": page(COORDINATORS | KEEPERS),
    "depot:claim_label": reach({"sam": {HERE}, "joost": {HERE}, "luca": {OVERSEAS}, "dora": {OVERSEAS}}),
    "depot:stocktakes": page(COORDINATORS | KEEPERS),
    "depot:open_stocktake": page(COORDINATORS | KEEPERS),
    "depot:stocktake_scans": page(COORDINATORS | KEEPERS),
    "depot:stocktake": reach(COUNTED),
    "depot:stocktake_expected": reach(COUNTED),
    "depot:stocktake_phone": reach(COUNTED),
    "depot:write_off_phone": reach(COUNTED),
    "depot:finish_stocktake": reach(COUNTED),
    "depot:stocktake_results": reach(COUNTED),
    "depot:stocktake_export": reach(COUNTED),
    "depot:stocktake_lost": reach(COUNTED),
    "depot:requests": page(COORDINATORS | KEEPERS | HEADS),
    "depot:ask": page(COORDINATORS | KEEPERS | HEADS),
    "depot:request": reach(BETWEEN_CITIES),
    "depot:send": reach({"sam": {HERE}, "joost": {HERE}, "luca": {OVERSEAS}, "dora": {OVERSEAS}}),
    "depot:shipments": page(COORDINATORS | KEEPERS | HEADS),
    "depot:shipment": reach(BETWEEN_CITIES),
    "depot:loans": page(COORDINATORS | KEEPERS | OFFICES),
    "depot:freight": page(COORDINATORS | KEEPERS),
    "depot:outlook": page({"sam", "joost", "luca", "dora"}),  # of a whole organisation
    "depot:surplus": page({"sam", "joost", "luca", "dora"}),
    "depot:desk": page(TEACHERS | COORDINATORS | KEEPERS),
    "depot:hand_out": reach(GROUPS_SERVED),
    "depot:paper_forms": reach(GROUPS_SERVED),
    "depot:paper": reach(FORMS),
    "depot:take_return": page(TEACHERS | COORDINATORS | KEEPERS),
    "depot:look": page(TEACHERS | COORDINATORS | KEEPERS),
    "depot:acts": page(TEACHERS | HEADS | WORKERS),
    "depot:receipt": reach(INSTRUMENTS_LENT),
    "depot:receipt_pdf": reach(INSTRUMENTS_LENT),
    "depot:cleanings": page(COORDINATORS | KEEPERS),
    "depot:sign": reach(HANDOVERS),
    "depot:agreement": reach(LOANS),
    "depot:picture": reach(INSTRUMENTS),
    "depot:terms": page(IN_CHARGE),
    "depot:tag": PUBLIC,
    "depot:list_upload": page(COORDINATORS | KEEPERS),
    "depot:list_preview": reach({"sam": {HERE}, "joost": {HERE}, "luca": {OVERSEAS}, "dora": {OVERSEAS}}),
    "depot:labels": page(COORDINATORS | KEEPERS),
    "depot:report": reach(INSTRUMENTS_REPORTED),
    "depot:defect": reach(INSTRUMENTS),
    "depot:photo_of_defect": reach(DEFECTS_CHANGED),
    "depot:defect_photo": reach(INSTRUMENTS),
    "depot:withdraw_defect": reach(DEFECTS_CHANGED),
    "depot:lend_loaner": reach({}, DEFECTS_ANSWERED),
    "depot:workshop": page(WORKERS),
    "depot:open_repair": reach({}, INSTRUMENTS_MENDED),
    "depot:repair": reach(REPAIRS_WORKED),
    "depot:work": reach({}, REPAIRS_WORKED),
    "depot:sign_step": reach({}, {"bram": {HERE, WORKSHOP}}),
    "depot:finish": reach({}, REPAIRS_FINISHED),
    "depot:settle": reach(REPAIRS_SETTLED),
    "depot:to_settle": page(LENDERS),
    "depot:waiting": page(LENDERS),
    "depot:without": page(COORDINATORS | KEEPERS | HEADS),
    "depot:round": page(WORKERS),
    "depot:parts": page(WORKERS),
    "depot:skills": page(MASTERS | TRAINEES),
    "depot:skills_of": reach(SKILLS),
    "depot:skills_json": reach(SKILLS),
    "depot:skills_pdf": reach(SKILLS),
    "depot:maintenance": page(WORKERS),
    "depot:do_job": reach({}, JOBS),
    # lessons
    "lessons:week": page(TEACHERS | COORDINATORS | HEADS),
    "lessons:register": reach(GROUPS),
    "lessons:close": reach(MARKED),
    "lessons:next_time": reach(MARKED),
    "lessons:pieces": reach(MARKED),
    "lessons:cancel": reach(GROUPS_RUN),
    "lessons:tutti": reach(GROUPS_RUN),
    "lessons:move": reach(GROUPS_RUN),
    "lessons:away": page(TEACHERS | COORDINATORS),
    "lessons:asks": page(TEACHERS),
    "lessons:stand_in": page(TEACHERS),
    "lessons:cover": page(COORDINATORS),
    "lessons:cover_request": reach(COVERS_RUN),
    "lessons:statement": page(TEACHERS | COORDINATORS),
    "lessons:statement_file": reach({who: {"a list"} for who in TEACHERS | COORDINATORS}),
    "lessons:calendar": page(TEACHERS),
    "lessons:feed": PUBLIC,
    "lessons:marks": OWN,
    "lessons:worker": OWN,
    "lessons:child": reach(CHILDREN),
    "lessons:patterns": page(COORDINATORS),
    "lessons:missing": page(COORDINATORS),
    "lessons:quarantine": page(COORDINATORS),
    "lessons:decide": reach(SCHOOLS_RUN),
    "lessons:seats": reach(GROUPS_RUN),
    "lessons:groups": page(COORDINATORS),
    "lessons:plan": reach(GROUPS_RUN),
}
