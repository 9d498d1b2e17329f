"""The data catalogue: every field that may exist, what for, who sees it, until when. A field that does not stand here
fails the tests; so does a field with a name of something we never keep.

Classes: 1 public or technical · 2 personal · 3 sensitive by context · 4 most sensitive. docs/privacy.md is made from
this file (`./run catalogue > docs/privacy.md`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Field

# Who sees it, in the words of docs/domain.md.
EVERYBODY = "everybody signed in"
SYSTEM = "nobody; the system itself"
NEAR = "group teacher, school head, coordinator"
COORDINATOR = "coordinator"
DEPOT = "depot keeper, coordinator, office"
OFFICE = "office"
OWN = "the person"
OPERATOR = "operator"

# Until when, and what happens then.
ALWAYS = "as long as the programme runs"
AFTER_LEAVING = "2 years after leaving, then erased"
WITH_INSTRUMENT = "life of the instrument and 7 years"
AFTER_RETURN = "1 year after the return, then without the child"
AFTER_STAFF = "1 year after leaving"
SCHOOL_YEAR = "90 days after the school year"
THIRTEEN_MONTHS = "13 months"
WHILE_SIGNED_IN = "12 hours"


@dataclass(frozen=True)
class Table:
    """What all fields of one table have in common, and the fields by class."""

    purpose: str
    seen_by: str
    kept: str
    fields: dict[int, str]  # class: names of fields

    def class_of(self, name: str) -> int | None:
        return next((level for level, names in self.fields.items() if name in names.split()), None)


CATALOGUE: dict[str, Table] = {
    # shared
    "shared.AuditEntry": Table(
        "answer who changed what and who saw which child; keys and counts, never a name",
        OPERATOR,
        THIRTEEN_MONTHS,
        {1: "id previous_hash hash", 3: "at actor organisation act subject detail"},
    ),
    "shared.StoredFile": Table(
        "know a kept picture, signature or document; drawn anew, without metadata; the owner's door opens it",
        SYSTEM,
        "as long as the row that points to it",
        {1: "id name media_type bytes sha256 made_at", 2: "by_key"},
    ),
    # music
    "music.InstrumentKind": Table(
        "one name for each kind of instrument",
        EVERYBODY,
        ALWAYS,
        {1: "code family name_nl name_en name_pap_aw name_pap_cw hornbostel_sachs position is_played"},
    ),
    "music.Size": Table("sizes of an instrument", EVERYBODY, ALWAYS, {1: "id kind code label position"}),
    # network
    "network.Organisation": Table(
        "who runs the programme where",
        EVERYBODY,
        ALWAYS,
        {1: "id key name country holiday_region languages time_zone currency"},
    ),
    "network.Grade": Table(
        "how a region calls its years of school", EVERYBODY, ALWAYS, {1: "id organisation code name position"}
    ),
    "network.Holiday": Table(
        "plan no lesson on a day off",
        EVERYBODY,
        ALWAYS,
        {1: "id organisation name sort first_on last_on source is_confirmed"},
    ),
    "network.Site": Table(
        "where lessons are and instruments stand; no home address",
        EVERYBODY,
        ALWAYS,
        {1: "id organisation name sort town street north east closed_on"},
    ),
    # people
    "people.Account": Table(
        "let an adult sign in; the certificate of conduct as a date, never the document",
        f"{OWN}, {OFFICE}",
        AFTER_STAFF,
        {1: "id uid is_active", 2: "name", 3: "email password last_login vog_seen_on"},
    ),
    "people.Invitation": Table(
        "let an invited adult in, once; only the hash of the secret",
        SYSTEM,
        "7 days, or until used",
        {1: "id account made_at expires_at used_at replaced_at", 3: "secret_hash"},
    ),
    "people.Posting": Table(
        "decide what somebody may see and do",
        f"{OWN}, {OFFICE}",
        AFTER_STAFF,
        {2: "id account role organisation site from_on until_on"},
    ),
    "people.Child": Table(
        "teach a child by name",
        f"{NEAR}; first name to the depot keeper who hands out an instrument",
        AFTER_LEAVING,
        {1: "id uid organisation", 2: "first_name prefix last_name"},
    ),
    # schools
    "schools.School": Table(
        "know a school by its code", EVERYBODY, ALWAYS, {1: "id site country scheme code holiday_region"}
    ),
    "schools.RegisteredSchool": Table(
        "find a school in the public register; addresses and telephone are the school's",
        f"{COORDINATOR}, {OFFICE}",
        "as long as the register has it; closed, never deleted",
        {
            1: "id country scheme code name street postal_code town municipality municipality_code holiday_region "
            "board_number denomination phone website search_words first_seen_on closed_on source reference_on licence"
        },
    ),
    "schools.PupilCount": Table(
        "how large a school is; a public count", f"{COORDINATOR}, {OFFICE}", ALWAYS, {1: "id school year pupils"}
    ),
    "schools.SchoolYear": Table("organise by year", EVERYBODY, ALWAYS, {1: "id organisation name first_on last_on"}),
    "schools.Group": Table("organise by class", NEAR, ALWAYS, {1: "id school school_year key name grade"}),
    "schools.Enrolment": Table(
        "know a child again in the school's next export; the key is the school's own, never a BSN",
        COORDINATOR,
        AFTER_LEAVING,
        {2: "id child school from_on until_on", 3: "key"},
    ),
    "schools.Membership": Table(
        "which group a child is in", NEAR, AFTER_LEAVING, {2: "id child group school_year grade from_on until_on"}
    ),
    "schools.Playing": Table("what a child plays", NEAR, AFTER_LEAVING, {2: "id child kind size from_on until_on"}),
    "schools.Teaching": Table(
        "who teaches a group: the reason to see its children",
        f"{OWN}, {COORDINATOR}",
        AFTER_STAFF,
        {2: "id posting group from_on until_on"},
    ),
    "schools.ColumnMapping": Table(
        "read a school's next table without asking again", COORDINATOR, ALWAYS, {1: "id school columns"}
    ),
    "schools.RosterImport": Table(
        "show what a file will do, and put it back; names only in the preview and the undoing",
        COORDINATOR,
        "names until applied, replaced, undone, or 2 weeks; counts always",
        {
            1: "id school school_year state file_format sha256 by_key previewed_at applied_at undone_at counts "
            "fingerprint",
            3: "plan undo",
        },
    ),
    # depot
    "depot.Instrument": Table(
        "know each instrument and what it is worth",
        f"{DEPOT}; at their own school: teacher, school head",
        WITH_INSTRUMENT,
        {
            1: "id uid organisation tag number kind size brand model serial_number purchase_value currency "
            "purchased_on retired_on retired_because first_keeping"
        },
    ),
    "depot.Handover": Table(
        "who handed over what, and when; the note is about instruments",
        DEPOT,
        WITH_INSTRUMENT,
        {1: "id organisation sort at note content_hash reverses", 2: "by by_key"},
    ),
    "depot.Custody": Table(
        "who answers for an instrument",
        f"{DEPOT}; a child as first name and group, only while it is lent",
        AFTER_RETURN,
        {
            1: "id instrument level site forgotten_at started_at ended_at began_with ended_with followed_by",
            2: "child account",
        },
    ),
    "depot.Placement": Table(
        "where an instrument stands: a place of ours, “at home” without an address, on the way, or lost",
        DEPOT,
        WITH_INSTRUMENT,
        {1: "id instrument sort site shelf started_at ended_at began_with ended_with"},
    ),
    "depot.Ownership": Table(
        "whose an instrument is: an organisation, or the name of a city, fund or giver",
        DEPOT,
        WITH_INSTRUMENT,
        {1: "id instrument organisation started_at ended_at began_with ended_with", 2: "name"},
    ),
    "depot.Kit": Table("which instruments travel together", DEPOT, WITH_INSTRUMENT, {1: "id uid organisation name"}),
    "depot.KitMembership": Table(
        "which instruments travelled together when",
        DEPOT,
        WITH_INSTRUMENT,
        {1: "id instrument kit started_at ended_at began_with ended_with"},
    ),
    "depot.ValueRule": Table(
        "how fast a kind of instrument loses its value",
        DEPOT,
        ALWAYS,
        {1: "id organisation kind yearly_percent floor_percent"},
    ),
    "depot.Donor": Table(
        "thank who gave an instrument, by the name they choose",
        f"depot keeper, {COORDINATOR}",
        "until they ask to be forgotten",
        {1: "id uid organisation is_anonymous", 2: "name", 3: "contact"},
    ),
    "depot.Gift": Table(
        "bring a gift from the door to a child; where an instrument came from",
        f"depot keeper, {COORDINATOR}; counts to its giver",
        WITH_INSTRUMENT,
        {
            1: "id uid organisation kind description came_in_on assessed_on assessment assessment_note refurbished_on "
            "instrument",
            2: "donor",
        },
    ),
    "depot.DonorLink": Table(
        "let a giver read how their gift fares; only the hash of the secret",
        SYSTEM,
        "until it is taken back",
        {1: "id made_at revoked_at", 2: "donor", 3: "secret_hash"},
    ),
    "depot.HomeRule": Table(
        "from which year on instruments go home with children",
        DEPOT,
        ALWAYS,
        {1: "id organisation site home_from_year"},
    ),
    "depot.AccessoryKind": Table(
        "one name for each thing that goes with an instrument",
        EVERYBODY,
        ALWAYS,
        {1: "code name_nl name_en name_pap_aw name_pap_cw is_consumable replaced_after_months position"},
    ),
    "depot.AccessoryFit": Table(
        "what goes with which instrument when it is handed out",
        EVERYBODY,
        ALWAYS,
        {1: "id accessory kind is_standard sizes"},
    ),
    "depot.InstrumentImport": Table(
        "show what a list of instruments will do before it does it",
        f"depot keeper, {COORDINATOR}",
        "2 weeks",
        {1: "id site previewed_at applied_at lines refused dropped", 2: "by_key"},
    ),
    "depot.Reservation": Table(
        "promise instruments to a place for some days; the note is about instruments",
        f"depot keeper, {COORDINATOR}",
        WITH_INSTRUMENT,
        {1: "id organisation site from_on until_on note made_at content_hash cancelled_at", 2: "by by_key"},
    ),
    "depot.ReservationLine": Table(
        "so many of one kind and size",
        f"depot keeper, {COORDINATOR}",
        WITH_INSTRUMENT,
        {1: "id reservation kind size number along closed_at"},
    ),
    "depot.Pick": Table(
        "which instrument goes out for which reservation",
        f"depot keeper, {COORDINATOR}",
        WITH_INSTRUMENT,
        {1: "id line instrument made_at left_at left_with released_at", 2: "by_key"},
    ),
    "depot.FoundNotice": Table(
        "get a lost instrument back; a finder is asked for no name, and leaves a way to answer only if they like",
        f"depot keeper, {COORDINATOR}",
        "message and reply until it is handled, 60 days at the most, then erased; that it was found: as the instrument",
        {1: "id tag organisation instrument made_at handled_at outcome", 2: "handled_by", 3: "message reply"},
    ),
    "depot.LabelBatch": Table(
        "print labels ahead, and print the same again",
        f"depot keeper, {COORDINATOR}",
        WITH_INSTRUMENT,
        {1: "id organisation made_at", 2: "by"},
    ),
    "depot.Label": Table(
        "an old label still leads to its instrument; a new one waits for one",
        f"depot keeper, {COORDINATOR}",
        WITH_INSTRUMENT,
        {1: "id organisation tag batch instrument claimed_at replaced_at"},
    ),
    "depot.Stocktake": Table(
        "count what a place should have",
        f"depot keeper, {COORDINATOR}",
        WITH_INSTRUMENT,
        {1: "id organisation site kind shelf opened_at finished_at", 2: "opened_by finished_by"},
    ),
    "depot.ExpectedInstrument": Table(
        "what should be at a place when the count begins",
        f"depot keeper, {COORDINATOR}",
        WITH_INSTRUMENT,
        {1: "id stocktake instrument why_out shelf"},
    ),
    "depot.StocktakeScan": Table(
        "lose no scan of a count, and know who made it",
        f"depot keeper, {COORDINATOR}",
        WITH_INSTRUMENT,
        {
            1: "id stocktake tag instrument outcome belongs_at belongs_on is_late device_sequence received_at "
            "content_hash",
            2: "device by made_at",
        },
    ),
    "depot.StocktakePhone": Table(
        "wait for every phone that may hold scans",
        f"depot keeper, {COORDINATOR}",
        WITH_INSTRUMENT,
        {
            1: "id stocktake pending heard_at left_at written_off_at written_off_because",
            2: "device by written_off_by",
        },
    ),
    "depot.InstrumentRequest": Table(
        "ask a depot for kinds, sizes and numbers; the note is about instruments",
        f"depot keeper and {COORDINATOR} of both sides; the school head who asks",
        WITH_INSTRUMENT,
        {
            1: "id asked_of organisation site terms needed_on until_on note made_at content_hash withdrawn_at "
            "answered_at reservation",
            2: "by by_key answered_by_key",
        },
    ),
    "depot.RequestLine": Table(
        "so many of one kind and size, and what was answered",
        f"depot keeper and {COORDINATOR} of both sides; the school head who asks",
        WITH_INSTRUMENT,
        {1: "id request kind size number along granted granted_size reason"},
    ),
    "depot.FreightTime": Table(
        "send boxes in time", f"depot keeper, {COORDINATOR}", ALWAYS, {1: "id organisation site weeks"}
    ),
    "depot.Shipment": Table(
        "know which boxes are on their way, and who answers for them",
        f"depot keeper and {COORDINATOR} of both sides; the head of the school that receives",
        WITH_INSTRUMENT,
        {
            1: "id organisation to_site reservation terms due_on boxes carrier reference sent_on expected_on sent_with",
            2: "by",
        },
    ),
    "depot.ShipmentItem": Table(
        "what was in the boxes, and how it came out; the remark is about the instrument",
        f"depot keeper and {COORDINATOR} of both sides; the head of the school that receives",
        WITH_INSTRUMENT,
        {1: "id shipment instrument number arrived_at condition remark short_at outcome received_with"},
    ),
    "depot.ShipmentExtra": Table(
        "a label that was in a box and on no list",
        f"depot keeper and {COORDINATOR} of both sides",
        WITH_INSTRUMENT,
        {1: "id shipment tag noted_at settled_at", 2: "by_key"},
    ),
    "depot.Loan": Table(
        "an instrument of one city in use at another: which, where, until when",
        f"{DEPOT} of both sides",
        WITH_INSTRUMENT,
        {1: "id instrument lender borrower due_on number began_with ended_with"},
    ),
    "depot.StepKind": Table(
        "what one can learn to do in a workshop", EVERYBODY, ALWAYS, {1: "code name difficulty position"}
    ),
    "depot.DefectKind": Table(
        "one name for each thing that can be wrong", EVERYBODY, ALWAYS, {1: "code shape spot name stops_play position"}
    ),
    "depot.DefectStep": Table(
        "the steps that mend a defect", EVERYBODY, ALWAYS, {1: "id defect_kind step_kind position"}
    ),
    "depot.Defect": Table(
        "mend what is broken; the note and the photo are about the instrument",
        f"{DEPOT}, workshop; at their own school: teacher, school head",
        WITH_INSTRUMENT,
        {
            1: "id instrument kind stops_play note photo reported_at content_hash ended_at ended_because",
            2: "by by_key holding",
        },
    ),
    "depot.Surplus": Table(
        "let other cities know what can be spared: kind, size and number",
        f"depot keeper and {COORDINATOR} of every city",
        WITH_INSTRUMENT,
        {1: "id organisation kind size number made_at ended_at", 2: "by by_key"},
    ),
    "depot.LoanTerms": Table(
        "what families agree with, in each language and version; what was signed stays as it was",
        EVERYBODY,
        "as long as somebody signed it",
        {1: "id organisation version language text is_draft published_at", 2: "by_key"},
    ),
    "depot.ConditionReport": Table(
        "how an instrument looked and what went along when it changed hands; the picture is of the instrument",
        f"{DEPOT}; at their own school: teacher, school head",
        WITH_INSTRUMENT,
        {1: "id handover instrument condition accessories missing note picture outcome content_hash"},
    ),
    "depot.Acceptance": Table(
        "who took it over agreed: ink or the photo of a paper; of a school also who signed",
        f"{NEAR}; depot keeper, only while it is lent",
        AFTER_RETURN,
        {1: "handover terms at signed_on", 2: "signer by_key", 3: "mark pdf"},
    ),
    "depot.PaperForm": Table(
        "know which child a paper form was printed for",
        f"{NEAR}; depot keeper who hands out an instrument",
        AFTER_RETURN,
        {1: "id terms printed_at", 2: "child by_key"},
    ),
    "depot.Cleaning": Table(
        "nobody gets a dirty instrument",
        DEPOT,
        WITH_INSTRUMENT,
        {1: "id instrument asked_with asked_at done_at", 2: "done_by_key"},
    ),
    "depot.Repair": Table(
        "know what is in repair, until when, and what it cost",
        f"{DEPOT}, workshop",
        WITH_INSTRUMENT,
        {
            1: "id instrument workshop on_site due_on opened_at content_hash mended_at outcome cost currency closed_at "
            "closed_with",
            2: "by_key assigned_to",
        },
    ),
    "depot.RepairDefect": Table(
        "which defects a ticket is about", f"{DEPOT}, workshop", WITH_INSTRUMENT, {1: "id repair defect"}
    ),
    "depot.RepairEvent": Table(
        "what happened to a ticket; the note is about the instrument",
        f"{DEPOT}, workshop",
        WITH_INSTRUMENT,
        {1: "id repair act at note", 2: "by"},
    ),
    "depot.RepairStep": Table(
        "what was done, by whom, and who signed it: also the record of who learns, to take along",
        f"{OWN}, workshop master",
        WITH_INSTRUMENT,
        {1: "id repair kind position done_at minutes signed_at", 2: "done_by signed_by"},
    ),
    "depot.Loaner": Table(
        "what a child plays while its own instrument is mended",
        f"{DEPOT}; at their own school: teacher",
        WITH_INSTRUMENT,
        {1: "instead_of defect kept_at", 2: "custody kept_by_key"},
    ),
    "depot.Part": Table(
        "what lies in the drawers of a workshop",
        f"{DEPOT}, workshop",
        ALWAYS,
        {1: "id site name kind size reorder_at price currency is_used"},
    ),
    "depot.Part_mends": Table("which parts mend what", f"{DEPOT}, workshop", ALWAYS, {1: "id part defectkind"}),
    "depot.PartMovement": Table(
        "how many parts there are",
        f"{DEPOT}, workshop",
        WITH_INSTRUMENT,
        {1: "id part sort quantity repair at price currency", 2: "by"},
    ),
    "depot.MaintenanceRule": Table(
        "care that comes round",
        f"{DEPOT}, workshop",
        ALWAYS,
        {1: "id organisation name kind size brand model every_months due_on blocks made_at ended_on", 2: "by_key"},
    ),
    "depot.MaintenanceJob": Table(
        "which instrument is due, and when it was done",
        f"{DEPOT}, workshop",
        WITH_INSTRUMENT,
        {1: "id rule instrument due_on opened_at blocks_since done_at repair", 2: "done_by"},
    ),
    # lessons
    "lessons.LessonSeries": Table(
        "when a group has its lesson, and when its sections play as one",
        NEAR,
        ALWAYS,
        {1: "id group weekday starts ends first_on last_on tutti_every tutti_room"},
    ),
    "lessons.Section": Table("which instruments together, where", NEAR, ALWAYS, {1: "id series family room teaching"}),
    "lessons.Seat": Table(
        "which children together", NEAR, AFTER_LEAVING, {2: "id section series child from_on until_on"}
    ),
    "lessons.Lesson": Table(
        "one hour on one day",
        NEAR,
        ALWAYS,
        {1: "id uid series on starts_at ends_at cancelled_because is_tutti tutti_room"},
    ),
    "lessons.LessonChange": Table(
        "when a lesson should have been, and why it is not",
        NEAR,
        ALWAYS,
        {1: "id lesson was_on was_starts_at was_ends_at starts_at ends_at cause at"},
    ),
    "lessons.CalendarLink": Table(
        "let a teacher's calendar program read her lessons; only the hash of the secret",
        SYSTEM,
        "until it is taken back",
        {1: "id made_at revoked_at", 2: "account", 3: "secret_hash"},
    ),
    "lessons.StandIn": Table(
        "ask the right colleagues when somebody cannot come",
        f"oneself; {COORDINATOR}",
        "as long as the posting",
        {2: "id posting families weekdays minutes_a_week"},
    ),
    "lessons.Absence": Table(
        "find somebody for the lessons of who cannot come; never why",
        f"oneself; {COORDINATOR}",
        SCHOOL_YEAR,
        {1: "id organisation made_at withdrawn_at", 2: "account from_at until_at"},
    ),
    "lessons.CoverRequest": Table(
        "a lesson that needs somebody", COORDINATOR, SCHOOL_YEAR, {1: "id uid absence lesson section made_at closed_at"}
    ),
    "lessons.CoverAsk": Table(
        "who was asked and said no",
        f"oneself; {COORDINATOR}",
        SCHOOL_YEAR,
        {2: "id request account asked_at declined_at"},
    ),
    "lessons.Cover": Table(
        "who stands in, and until when that opens the lesson to them",
        NEAR,
        ALWAYS,
        {1: "id request lesson section taken_at closes_at ended_at", 2: "account"},
    ),
    "lessons.Closing": Table("a register is complete", NEAR, SCHOOL_YEAR, {1: "id lesson section at", 2: "by"}),
    "lessons.MarkEvent": Table(
        "who was there: present, absent, late or announced; no reason, so no illness",
        NEAR,
        f"{AFTER_LEAVING}, as counts per group and month",
        {
            1: "sequence id device_sequence corrects received_at content_hash",
            2: "device lesson child state by made_at",
        },
    ),
    "lessons.NextTime": Table(
        "what a teacher leaves for the next lesson of a section; names of its children are refused",
        NEAR,
        SCHOOL_YEAR,
        {1: "id lesson section at", 2: "text by"},
    ),
    "lessons.Piece": Table(
        "choose what was played without writing", NEAR, ALWAYS, {1: "id uid organisation title composer added_at"}
    ),
    "lessons.NoteEvent": Table(
        "what was played, what a teacher saw a child do well, which instrument was missing or broken; no text",
        f"{NEAR}; what was seen of a child: group teacher, coordinator",
        SCHOOL_YEAR,
        {
            1: "sequence id device_sequence what section piece instrument defect_kind takes_back received_at",
            2: "device lesson child by made_at content_hash",
            4: "seen",
        },
    ),
    "lessons.QuarantinedMark": Table(
        "lose no mark that did not fit",
        COORDINATOR,
        SCHOOL_YEAR,
        {
            1: "id mark_id content_hash reason organisation received_at decided_at decision",
            2: "content lesson child state by decided_by",
        },
    ),
    # what Django and django-allauth keep for signing in
    "sessions.Session": Table(
        "keep somebody signed in", SYSTEM, WHILE_SIGNED_IN, {3: "session_key session_data expire_date"}
    ),
    "mfa.Authenticator": Table(
        "passkeys, authenticator apps, recovery codes",
        f"{OWN}, by name only",
        AFTER_STAFF,
        {1: "id user type created_at last_used_at", 4: "data"},
    ),
    "account.EmailAddress": Table(
        "the address an account signs in with",
        f"{OWN}, {OFFICE}",
        AFTER_STAFF,
        {1: "id user verified primary", 3: "email"},
    ),
    "account.EmailConfirmation": Table(
        "not used: addresses are confirmed by invitation",
        SYSTEM,
        "never filled",
        {3: "id email_address created sent key"},
    ),
    "auth.Permission": Table(
        "not used: rights follow from postings", SYSTEM, ALWAYS, {1: "id name content_type codename"}
    ),
    "auth.Group": Table("not used: rights follow from postings", SYSTEM, ALWAYS, {1: "id name"}),
    "auth.Group_permissions": Table("not used", SYSTEM, ALWAYS, {1: "id group permission"}),
    "contenttypes.ContentType": Table("Django's list of tables", SYSTEM, ALWAYS, {1: "id app_label model"}),
}

# What we never keep, in the languages people write columns in. A field with such a name does not pass.
FORBIDDEN = re.compile(
    r"""bsn|sofi|sedula|cedula|passport|paspoort|nationalit|ethni|etni|religi|geloof|kerk|health|gezond|medic|diagno
    |zorg|allerg|income|inkomen|birth|geboort|gender|geslacht|photo|foto|\biq\b|cito|score|latitude|longitude|location
    |home_address|huisadres|phone|telefoon|mobile|whatsapp|instagram|denomination|guardian|ouder""",
    re.IGNORECASE | re.VERBOSE,
)
ALLOWED_ALL_THE_SAME = {
    "depot.Defect.photo": "of what is broken, drawn anew without metadata; the page asks for the instrument alone",
    "schools.RegisteredSchool.phone": "the school's number from the public register",
    "schools.RegisteredSchool.denomination": "the school's foundation from the public register, not a child's religion",
}


def stored_fields() -> Iterator[tuple[str, Field]]:
    """("people.Child", field) for every column of every table."""
    for model in apps.get_models(include_auto_created=True):
        for found in model._meta.get_fields():
            if found.concrete and isinstance(found, Field):
                yield model._meta.label, found


def as_page() -> str:
    """docs/privacy.md."""
    lines = [
        "# What Leerorkest knows, what for, and until when",
        "",
        "Made from `leerorkest/catalogue.py` by `./run catalogue > docs/privacy.md`. Only what stands here exists: a",
        "test compares it with the database, column by column. Classes: 1 public or technical, 2 personal, 3 sensitive",
        "by context, 4 most sensitive.",
        "",
        "We never keep: BSN or another number of a state, day of birth, nationality, religion, health, income, home",
        "address, photo, test scores, location, a child's mail or telephone. An import drops such columns and names",
        "them.",
        "",
        "The dates below are what we aim at. Previews of files and sessions end by themselves; erasing the rest at its",
        "date is not built yet, and the audit trail, which is append-only, is not shortened yet.",
        "",
        "| table | what for | who sees it | kept until | fields by class |",
        "|---|---|---|---|---|",
    ]
    for label, table in CATALOGUE.items():
        fields = "; ".join(f"{level}: {', '.join(names.split())}" for level, names in sorted(table.fields.items()))
        lines.append(f"| {label} | {table.purpose} | {table.seen_by} | {table.kept} | {fields} |")
    return "\n".join([*lines, ""])
