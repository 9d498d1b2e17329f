"""Who may use which route, and why. A route that does not stand here stops the site from starting.

The middleware refuses who is not named; which rows they then see is decided by the door the view uses.
"""

from dataclasses import dataclass

from django.conf import settings

from leerorkest.people.rules import Role

TEACHER, COORDINATOR, DEPOT_KEEPER, SCHOOL_HEAD, WORKSHOP_MASTER, TRAINEE, OFFICE = (
    Role.TEACHER,
    Role.COORDINATOR,
    Role.DEPOT_KEEPER,
    Role.SCHOOL_HEAD,
    Role.WORKSHOP_MASTER,
    Role.TRAINEE,
    Role.OFFICE,
)

WORKS = (DEPOT_KEEPER, COORDINATOR, WORKSHOP_MASTER, TRAINEE)
LENDS = (DEPOT_KEEPER, COORDINATOR, TEACHER)
REPORTS = (TEACHER, COORDINATOR, DEPOT_KEEPER, SCHOOL_HEAD, WORKSHOP_MASTER, TRAINEE)


@dataclass(frozen=True)
class Rule:
    """`roles` empty: everybody who is signed in. `public`: also who is not. `closed`: nobody."""

    why: str
    roles: frozenset[Role] = frozenset()
    public: bool = False
    closed: bool = False
    on_the_way_in: bool = False  # also before the second factor is set up: to set it up, or to leave


def public(why: str) -> Rule:
    return Rule(why, public=True)


def signed_in(why: str) -> Rule:
    return Rule(why)


def on_the_way_in(why: str) -> Rule:
    return Rule(why, on_the_way_in=True)


def only(*roles: Role, why: str) -> Rule:
    return Rule(why, roles=frozenset(roles))


def closed(why: str) -> Rule:
    return Rule(why, closed=True)


NO_SIGN_UP = "accounts are made by invitation; nobody signs up"
ONE_ADDRESS = "an account has one address; the office changes it"

POLICY: dict[str, Rule] = {
    "home:story": public("a giver has no account; the secret in the link is the key, and the page knows no child"),
    "home:start": signed_in("everybody's own next things to do"),
    "shared:language": public("who cannot read the sign-in page must be able to switch its language"),
    "shared:about": public("who Leerorkest is for, and what it does with what it knows of people"),
    "shared:style": only(*Role, why="every part of a page in every state, for who builds or words the pages"),
    "shared:scan": only(*Role, why="a phone that cannot read a code itself sends a picture of it; nothing is kept"),
    "shared:health": public("the operator's monitor asks whether the site works; it shows nothing else"),
    # the organisation and its calendar
    "network:calendar": signed_in("everybody plans around the holidays of the own organisations"),
    "network:load_holidays": only(OFFICE, COORDINATOR, why="who keeps the calendar"),
    "network:add_holiday": only(OFFICE, COORDINATOR, why="who keeps the calendar"),
    "network:change_holiday": only(OFFICE, COORDINATOR, why="who keeps the calendar"),
    "network:confirm_holiday": only(OFFICE, COORDINATOR, why="who keeps the calendar"),
    "network:remove_holiday": only(OFFICE, COORDINATOR, why="who keeps the calendar"),
    "network:sites": only(OFFICE, COORDINATOR, why="who says where instruments can be kept"),
    "network:site": only(OFFICE, COORDINATOR, why="who keeps the places says where they lie"),
    "network:grades": only(OFFICE, COORDINATOR, why="who knows how the region's schools call their grades"),
    # accounts and postings
    "people:accounts": only(OFFICE, why="the office makes, posts and suspends accounts"),
    "people:account": only(OFFICE, why="the office makes, posts and suspends accounts"),
    "people:invite": only(OFFICE, why="the office makes, posts and suspends accounts"),
    "people:new_invitation": only(OFFICE, why="the office makes, posts and suspends accounts"),
    "people:give_posting": only(OFFICE, why="the office makes, posts and suspends accounts"),
    "people:end_posting": only(OFFICE, why="the office makes, posts and suspends accounts"),
    "people:vog": only(OFFICE, why="the office sees the certificates of conduct"),
    "people:suspend": only(OFFICE, why="the office makes, posts and suspends accounts"),
    "people:restore": only(OFFICE, why="the office makes, posts and suspends accounts"),
    "people:invitation": public("who is invited has no account to sign in with yet; the secret in the link is the key"),
    # schools, groups, children
    "schools:schools": signed_in("the schools of one's own postings; the door shows no other"),
    "schools:school": signed_in("a school of one's own postings; its groups only to who may see their children"),
    "schools:group": only(TEACHER, COORDINATOR, SCHOOL_HEAD, why="who teaches, coordinates or heads this group"),
    "schools:assign_teacher": only(COORDINATOR, why="the coordinator decides who teaches whom"),
    "schools:end_teaching": only(COORDINATOR, why="the coordinator decides who teaches whom"),
    "schools:children": only(COORDINATOR, why="a coordinator looks up a child of the own schools by name"),
    "schools:child": only(TEACHER, COORDINATOR, SCHOOL_HEAD, why="who teaches, coordinates or heads this child"),
    "schools:playing": only(TEACHER, COORDINATOR, why="who sees the child choose an instrument"),
    "schools:register": only(OFFICE, COORDINATOR, why="who brings schools into the programme; public facts, no child"),
    "schools:registered": only(
        OFFICE, COORDINATOR, why="who brings schools into the programme; public facts, no child"
    ),
    "schools:start": only(OFFICE, COORDINATOR, why="who brings schools into the programme"),
    "schools:enter": only(OFFICE, COORDINATOR, why="who brings schools into the programme"),
    "schools:years": only(OFFICE, COORDINATOR, why="who prepares the next school year"),
    # depot
    "depot:instruments": only(*Role, why="who works where instruments are sees those that are theirs to see"),
    "depot:export": only(DEPOT_KEEPER, COORDINATOR, OFFICE, why="stock lists for insurance and the accountant"),
    "depot:find": only(*Role, why="a label or number leads to the instrument, if it is theirs to see"),
    "depot:instrument": only(*Role, why="who has it now and its story; a child's name only by the door's table"),
    "depot:take_in": only(DEPOT_KEEPER, COORDINATOR, why="who keeps the stock enters what is new"),
    "depot:list_upload": only(DEPOT_KEEPER, COORDINATOR, why="a stock list comes in as a whole"),
    "depot:list_preview": only(DEPOT_KEEPER, COORDINATOR, why="looking at a list before it is taken in"),
    "depot:labels": only(DEPOT_KEEPER, COORDINATOR, why="who takes instruments in sticks labels on them"),
    "depot:issue": only(DEPOT_KEEPER, COORDINATOR, why="class sets go out from the depot"),
    "depot:give_back": only(DEPOT_KEEPER, COORDINATOR, TEACHER, why="whoever lends takes back, at the same schools"),
    "depot:take_back": only(DEPOT_KEEPER, COORDINATOR, why="class sets come back to the depot"),
    "depot:lend": only(DEPOT_KEEPER, COORDINATOR, TEACHER, why="handing an instrument to a child, by first name"),
    "depot:retire": only(DEPOT_KEEPER, COORDINATOR, why="what leaves for good leaves the stock"),
    "depot:handover": only(DEPOT_KEEPER, COORDINATOR, why="what a handover moved, and undoing a mistake"),
    "depot:reservations": only(DEPOT_KEEPER, COORDINATOR, why="what is promised out of the stock they run"),
    "depot:reserve": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock promises out of it"),
    "depot:reservation": only(DEPOT_KEEPER, COORDINATOR, why="the pick list of what is promised"),
    "depot:move": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock says where it stands"),
    "depot:shelf_labels": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock sticks labels on its shelves"),
    "depot:home_rules": only(DEPOT_KEEPER, COORDINATOR, why="from which year on instruments go home"),
    "depot:change_owner": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock notes whose it is"),
    "depot:values": only(DEPOT_KEEPER, COORDINATOR, OFFICE, why="totals for the insurer and the accountant; no child"),
    "depot:insurer_list": only(DEPOT_KEEPER, COORDINATOR, OFFICE, why="the insurer's list; no child stands in it"),
    "depot:value_rules": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock says how its value falls"),
    "depot:value": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock notes what was paid"),
    "depot:gifts": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock receives gifts and thanks who gave them"),
    "depot:new_gift": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock receives gifts"),
    "depot:gift": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock brings a gift to a child"),
    "depot:donor_link": only(DEPOT_KEEPER, COORDINATOR, why="who thanks a giver sends them the link"),
    "depot:revoke_link": only(DEPOT_KEEPER, COORDINATOR, why="who sent a link can take it back"),
    "depot:children_without": only(COORDINATOR, why="who runs a school looks who still waits for an instrument"),
    "depot:kit": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock says what travels together"),
    "depot:found_notices": only(DEPOT_KEEPER, COORDINATOR, why="who keeps the instruments gets the finder's message"),
    "depot:handle_found": only(DEPOT_KEEPER, COORDINATOR, why="who fetched it says so, and the message is erased"),
    "depot:labels_ahead": only(DEPOT_KEEPER, COORDINATOR, why="who labels prints a pile ahead"),
    "depot:claim_label": only(DEPOT_KEEPER, COORDINATOR, why="who sticks a new label says which instrument it is on"),
    "depot:stocktakes": only(DEPOT_KEEPER, COORDINATOR, why="who answers for instruments counts them"),
    "depot:open_stocktake": only(DEPOT_KEEPER, COORDINATOR, why="who answers for instruments counts them"),
    "depot:stocktake_scans": only(DEPOT_KEEPER, COORDINATOR, why="a phone delivers the scans it holds"),
    "depot:stocktake": only(DEPOT_KEEPER, COORDINATOR, why="several people count one place together"),
    "depot:stocktake_expected": only(DEPOT_KEEPER, COORDINATOR, why="a phone answers at once, also without a signal"),
    "depot:stocktake_phone": only(DEPOT_KEEPER, COORDINATOR, why="a phone says how many scans it still holds"),
    "depot:write_off_phone": only(DEPOT_KEEPER, COORDINATOR, why="a phone that will not come back, with a reason"),
    "depot:finish_stocktake": only(DEPOT_KEEPER, COORDINATOR, why="who counts says that it is done"),
    "depot:stocktake_results": only(DEPOT_KEEPER, COORDINATOR, why="what is here, missing, misplaced and out"),
    "depot:stocktake_export": only(DEPOT_KEEPER, COORDINATOR, why="the same lists for a spreadsheet, without people"),
    "depot:stocktake_lost": only(DEPOT_KEEPER, COORDINATOR, why="what stays missing is lost until it is found"),
    "depot:requests": only(
        DEPOT_KEEPER, COORDINATOR, SCHOOL_HEAD, why="who asks a depot for instruments, and who answers"
    ),
    "depot:ask": only(DEPOT_KEEPER, COORDINATOR, SCHOOL_HEAD, why="for the own school, or for the own city"),
    "depot:request": only(
        DEPOT_KEEPER, COORDINATOR, SCHOOL_HEAD, why="both sides of a request: kinds and numbers, no child"
    ),
    "depot:send": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock packs what was picked"),
    "depot:shipments": only(
        DEPOT_KEEPER, COORDINATOR, SCHOOL_HEAD, why="boxes from the own stock, and to the own places"
    ),
    "depot:shipment": only(
        DEPOT_KEEPER, COORDINATOR, SCHOOL_HEAD, why="both ends: what was sent and what arrived, no child"
    ),
    "depot:loans": only(
        DEPOT_KEEPER, COORDINATOR, OFFICE, why="where the own instruments are: the place, never who plays them"
    ),
    "depot:freight": only(DEPOT_KEEPER, COORDINATOR, why="who receives boxes knows how long they take"),
    "depot:outlook": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock looks ahead: numbers, no child"),
    "depot:surplus": only(DEPOT_KEEPER, COORDINATOR, why="cities see of each other what they can spare, no more"),
    "depot:desk": only(DEPOT_KEEPER, COORDINATOR, TEACHER, why="whoever lends chooses a group, or takes back"),
    "depot:hand_out": only(DEPOT_KEEPER, COORDINATOR, TEACHER, why="handing out to a group, by first name"),
    "depot:paper_forms": only(DEPOT_KEEPER, COORDINATOR, TEACHER, why="forms to sign on paper, by first name"),
    "depot:paper": only(DEPOT_KEEPER, COORDINATOR, TEACHER, why="the photo of a signed form of a child they lend to"),
    "depot:take_return": only(DEPOT_KEEPER, COORDINATOR, TEACHER, why="whoever lends takes back, at the same schools"),
    "depot:look": only(DEPOT_KEEPER, COORDINATOR, TEACHER, why="what was scanned, before it is lent or taken back"),
    "depot:acts": only(*REPORTS, why="what was done on a phone arrives here; each act goes through its own door"),
    "depot:receipt": only(DEPOT_KEEPER, COORDINATOR, TEACHER, why="what came back, for who takes back"),
    "depot:receipt_pdf": only(DEPOT_KEEPER, COORDINATOR, TEACHER, why="the same, to print"),
    "depot:cleanings": only(DEPOT_KEEPER, COORDINATOR, why="who runs the stock has it cleaned"),
    "depot:sign": only(DEPOT_KEEPER, COORDINATOR, why="who issued a class set has it signed for"),
    "depot:agreement": only(
        DEPOT_KEEPER,
        COORDINATOR,
        TEACHER,
        SCHOOL_HEAD,
        why="a signed loan, for who sees that child or school",
    ),
    "depot:picture": only(*Role, why="how an instrument looked, for who sees the instrument"),
    "depot:terms": only(COORDINATOR, OFFICE, why="who words what families sign"),
    "depot:report": only(*REPORTS, why="whoever holds, teaches or repairs says what is wrong, within sight"),
    "depot:defect": only(*Role, why="what is wrong with an instrument that one sees"),
    "depot:photo_of_defect": only(*REPORTS, why="a photo with one's own report, or of an instrument one runs"),
    "depot:defect_photo": only(*Role, why="the photo of what is wrong with an instrument that one sees"),
    "depot:lend_loaner": only(*LENDS, why="who teaches the child or runs the instrument lends another one meanwhile"),
    "depot:workshop": only(*WORKS, why="who repairs, or keeps what is repaired, sees what waits; no child is named"),
    "depot:open_repair": only(*WORKS, why="what was reported becomes a ticket"),
    "depot:repair": only(*WORKS, why="a ticket of the own workshop; no child is named"),
    "depot:work": only(*WORKS, why="who repairs notes what was done"),
    "depot:sign_step": only(WORKSHOP_MASTER, why="a master signs what a trainee did"),
    "depot:finish": only(DEPOT_KEEPER, COORDINATOR, WORKSHOP_MASTER, why="who answers for it says that it is mended"),
    "depot:settle": only(*LENDS, why="whoever lends hands it back, to the children they teach or of the depot"),
    "depot:to_settle": only(*LENDS, why="what is mended and waits for its child"),
    "depot:waiting": only(*LENDS, why="instruments that children wait for; no child is named"),
    "depot:without": only(DEPOT_KEEPER, COORDINATOR, SCHOOL_HEAD, why="a count per school of weeks without instrument"),
    "depot:round": only(*WORKS, why="where the mobile workshop stops, with which parts; no child is named"),
    "depot:parts": only(*WORKS, why="what lies in the drawers of the own workshop"),
    "depot:skills": only(WORKSHOP_MASTER, TRAINEE, why="the own record, and of who learns in the own workshop"),
    "depot:skills_of": only(WORKSHOP_MASTER, TRAINEE, why="the own record, and of who learns in the own workshop"),
    "depot:skills_json": only(WORKSHOP_MASTER, TRAINEE, why="the record to take along"),
    "depot:skills_pdf": only(WORKSHOP_MASTER, TRAINEE, why="the record to take along"),
    "depot:maintenance": only(*WORKS, why="care that comes round: its rules, and whose turn it is"),
    "depot:do_job": only(*WORKS, why="who does the maintenance says so"),
    "depot:withdraw_defect": only(*REPORTS, why="a mistake is taken back by who made it, or who runs the instrument"),
    "depot:tag": public("a stranger who finds an instrument writes where it is; the page knows nothing of it"),
    # lessons
    "lessons:week": only(TEACHER, COORDINATOR, SCHOOL_HEAD, why="the lessons of the groups taught, run or headed"),
    "lessons:register": only(TEACHER, COORDINATOR, SCHOOL_HEAD, why="who was there, for who may see the group"),
    "lessons:close": only(TEACHER, COORDINATOR, why="who teaches the group or runs its school answers for it"),
    "lessons:next_time": only(TEACHER, COORDINATOR, why="who marks a lesson also leaves a note for the next one"),
    "lessons:pieces": only(TEACHER, COORDINATOR, why="who marks a lesson also says what was played in it"),
    "lessons:cancel": only(COORDINATOR, why="who runs the school says whether a lesson takes place"),
    "lessons:tutti": only(COORDINATOR, why="who runs the school says when the sections play as one"),
    "lessons:move": only(COORDINATOR, why="who runs the school says when a lesson takes place"),
    "lessons:away": only(TEACHER, COORDINATOR, why="who cannot come says so; a coordinator for who called"),
    "lessons:asks": only(TEACHER, why="what one was asked to stand in for"),
    "lessons:stand_in": only(TEACHER, why="for what one may be asked"),
    "lessons:cover": only(COORDINATOR, why="lessons without a teacher, of the schools they run"),
    "lessons:cover_request": only(COORDINATOR, why="who was asked for such a lesson, and who can be"),
    "lessons:statement": only(TEACHER, COORDINATOR, why="the hours one gave; a coordinator also those of others"),
    "lessons:statement_file": only(TEACHER, COORDINATOR, why="the same as a file, for an invoice"),
    "lessons:calendar": only(TEACHER, why="a link to one's own lessons, for one's own calendar program"),
    "lessons:feed": public("a calendar program cannot sign in; the secret in its address stands for one teacher"),
    "lessons:marks": signed_in("a phone delivers what it holds, also after a posting ended: that goes to quarantine"),
    "lessons:worker": signed_in("the script that keeps lesson pages on a phone; the same for all, with nobody in it"),
    "lessons:child": only(TEACHER, COORDINATOR, SCHOOL_HEAD, why="the hours of a child whom they may see"),
    "lessons:groups": only(COORDINATOR, why="groups of the schools they run that have no weekly hour yet"),
    "lessons:plan": only(COORDINATOR, why="who runs the school plans the weekly hour of its groups"),
    "lessons:seats": only(COORDINATOR, why="who runs the school gives new children a seat"),
    "lessons:patterns": only(COORDINATOR, why="who missed three lessons in a row, of the schools they run"),
    "lessons:missing": only(COORDINATOR, why="registers that nobody closed, of the schools they run"),
    "lessons:quarantine": only(COORDINATOR, why="marks that did not fit, of the schools they run"),
    "lessons:decide": only(COORDINATOR, why="whether such a mark counts"),
    # signing in and out (django-allauth)
    "account_login": public("the way in"),
    "account_logout": on_the_way_in("the way out"),
    "mfa_login_webauthn": public("the way in by passkey"),
    "mfa_authenticate": public("the second step of signing in; it asks for the first itself"),
    "account_reauthenticate": on_the_way_in("who changes a way to sign in proves who they are first"),
    "mfa_reauthenticate": on_the_way_in("the same, by authenticator app"),
    "mfa_reauthenticate_webauthn": on_the_way_in("the same, by passkey"),
    # a forgotten password: the link in the mail does not skip the second factor
    "account_reset_password": public("who forgot the password cannot sign in"),
    "account_reset_password_done": public("says that a mail is on its way, whether or not the address is known"),
    "account_reset_password_from_key": public("the link in the mail: once, for a few hours"),
    "account_reset_password_from_key_done": public("says that the new password counts"),
    "account_change_password": on_the_way_in("everybody's own password"),
    "account_set_password": on_the_way_in("everybody's own password, when there was none"),
    # one's own passkeys, authenticator app and recovery codes
    "mfa_index": on_the_way_in("one's own ways to sign in"),
    "mfa_activate_totp": on_the_way_in("one's own authenticator app"),
    "mfa_deactivate_totp": signed_in("one's own authenticator app"),
    "mfa_view_recovery_codes": signed_in("one's own recovery codes"),
    "mfa_generate_recovery_codes": signed_in("one's own recovery codes"),
    "mfa_download_recovery_codes": signed_in("one's own recovery codes"),
    "mfa_list_webauthn": on_the_way_in("one's own passkeys"),
    "mfa_add_webauthn": on_the_way_in("one's own passkeys"),
    "mfa_edit_webauthn": signed_in("one's own passkeys"),
    "mfa_remove_webauthn": signed_in("one's own passkeys"),
    # what django-allauth brings and this site does not use
    "account_signup": closed(NO_SIGN_UP),
    "account_inactive": closed("a suspended account gets the same answer as a wrong password"),
    "account_email": closed(ONE_ADDRESS),
    "account_email_verification_sent": closed(ONE_ADDRESS),
    "account_confirm_email": closed(ONE_ADDRESS),
    "account_confirm_login_code": closed("there are no codes by mail: mail is not a safe second factor"),
    # the roster of a school: an upload becomes a preview, and only then, perhaps, children
    "schools:roster": only(COORDINATOR, why="who runs a school keeps its list of children"),
    "schools:roster_import": only(COORDINATOR, why="what a file will do to that list, child by child"),
    "schools:apply_roster": only(COORDINATOR, why="the same list, written"),
    "schools:undo_roster": only(COORDINATOR, why="the same list, put back"),
    "schools:discard_roster": only(COORDINATOR, why="a preview holds names; who made it can throw it away"),
}

# These routes exist only in demo mode, and demo mode only on this machine.
DEMO_POLICY: dict[str, Rule] = {
    "demo:choose": public("the demo's cast to choose from"),
    "demo:sign_in": public("the demo's way in, without a password"),
}


def policies() -> dict[str, Rule]:
    """Every rule that holds at this site."""
    return {**POLICY, **(DEMO_POLICY if settings.DEMO else {})}


def policy_of(view_name: str) -> Rule | None:
    return POLICY.get(view_name) or (DEMO_POLICY.get(view_name) if settings.DEMO else None)
