"""Pure decisions about instruments: tags, and what a handover may do."""

import hashlib
import json
import math
import random
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum


class Level(StrEnum):
    """The two levels of custody."""

    KEEPER = "keeper"  # a site answers for it
    HOLDER = "holder"  # a child or a member of staff has it in care


class Terms(StrEnum):
    """On what terms instruments go from one place to another."""

    ISSUE = "issue"  # within one organisation
    LOAN = "loan"  # the other organisation uses it until a day; the owner stays the owner
    GIFT = "gift"  # it belongs to the other organisation
    RETURN = "return"  # a loan goes back


class HandoverSort(StrEnum):
    INTAKE = "intake"  # it enters the programme
    ISSUE = "issue"  # from keeper to keeper: a class set to a school
    LEND = "lend"  # from the keeper's shelf to a holder
    RETURN = "return"  # a holder gives it back to the keeper
    TAKE_BACK = "take_back"  # it goes back to the depot
    SEND = "send"  # it is on its way; who sent it answers for it until it is received
    RECEIVE = "receive"  # it arrived: from now on the other place answers for it
    REVERSAL = "reversal"  # undoes a mistake, visibly
    MOVE = "move"  # only its place changes: to a shelf, to another room, lost, found
    OWNER = "owner"  # only its owner changes
    KIT = "kit"  # only what belongs together changes
    SWAP = "swap"  # a child hands in one and gets another: a loaner, or its own one back


class Where(StrEnum):
    """What sort of place an instrument stands in. Keeper and holder are other facts."""

    SITE = "site"  # at a site; the shelf or the room is named beside it
    HOME = "home"  # at home with its holder; the address is not known here
    TRANSIT = "transit"  # on the way to a site
    UNKNOWN = "unknown"  # nobody knows where: lost


@dataclass(frozen=True)
class Spot:
    """A place as a value. `site` is the id of a site: where it stands, or where it is going; None at home and lost."""

    where: Where
    site: int | None = None
    shelf: str = ""  # "A3" in a depot, "lokaal 4" at a school; only at a site


MOST_OF_SHELF = 40


def read_shelf(text: str) -> str:
    """A shelf as people write it: one space between words, no control characters, at most 40 letters."""
    return " ".join("".join(letter for letter in text if letter.isprintable()).split())[:MOST_OF_SHELF].strip()


def goes_home(*, home_from_year: int, year: int) -> bool:
    """Does an instrument go home with a child who is in the programme for the `year`-th year (1 is the first)?

    `home_from_year`: 1 at once, 2 from the second year, 0 never.
    """
    return home_from_year > 0 and year >= home_from_year


HOME_FROM_YEAR = 2  # where nobody chose otherwise


# --- tags -------------------------------------------------------------------------------------------------
# Without 0 O, 1 I L and U V: what is read aloud in a noisy depot, or off a worn label, is read right.
TAG_LETTERS = "23456789ABCDEFGHJKMNPQRSTWXYZ"
TAG_LENGTH = 8  # seven by chance and a check character
_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"  # ISO 7064, mod 37-2: "*" only ever checks


def check_character(body: str) -> str:
    """ISO/IEC 7064 mod 37-2: finds every single wrong character and every swap of two neighbours."""
    total = 0
    for character in body:
        total = (total + _VALUES.index(character)) * 2 % 37
    return _VALUES[(1 - total) % 37]


def new_tag(chance: random.Random) -> str:
    """A tag of which the check character is a plain letter too, so that every tag is as easy to read."""
    while True:
        body = "".join(chance.choices(TAG_LETTERS, k=TAG_LENGTH - 1))
        check = check_character(body)
        if check in TAG_LETTERS:
            return body + check


def tag_is_sound(tag: str) -> bool:
    return (
        len(tag) == TAG_LENGTH and all(letter in TAG_LETTERS for letter in tag) and check_character(tag[:-1]) == tag[-1]
    )


def read_tag(text: str) -> str:
    """A tag as typed, or as a scanner reads the whole address off the label: "https://…/i/k7m2 q9x4" is K7M2Q9X4."""
    return re.sub(r"[\s\-]", "", text.rsplit("/i/", 1)[-1].split("?")[0].strip("/ \t\r\n")).upper()


def name_of(kind: str, size: str, number: str, tag: str) -> str:
    """ "Violin ½ 17": what people call an instrument; the label where it has no number."""
    return " ".join(part for part in (kind, size, number or readable(tag)) if part)


def read_tags(text: str) -> list[str]:
    """Tags from a box where each stands on a line of its own or after a comma; each once, in their order."""
    return list(dict.fromkeys(tag for part in re.split(r"[\n\r,;]+", text) if (tag := read_tag(part))))


def readable(tag: str) -> str:
    """K7M2Q9X4 is read as K7M2-Q9X4."""
    return f"{tag[:4]}-{tag[4:]}" if len(tag) == TAG_LENGTH else tag


# --- wear -------------------------------------------------------------------------------------------------
MONTH = timedelta(days=30.4375)  # a twelfth of a year, as far as wear goes
MONTHS_OF_A_REPAIR = 6


def wear(*, months_lent: float, repairs: int) -> float:
    """How worn an instrument is, in months: a month with a child counts one, a repair as much as half a year.

    A rule of our own, kept simple on purpose: it only decides which of two equal instruments is proposed first, so that
    all of them are played as much and none lies on the shelf for years.
    """
    return months_lent + MONTHS_OF_A_REPAIR * repairs


# --- gifts ------------------------------------------------------------------------------------------------
class Assessment(StrEnum):
    PLAYABLE = "playable"
    WORK = "work"  # after some work in the workshop
    NO = "no"  # not for children


# --- money ------------------------------------------------------------------------------------------------
def read_amount(text: str) -> Decimal:
    """ "€ 1.250,50", "1250.5", "1,250.50" and "1.250,-" as people and spreadsheets write them; ValueError otherwise.

    One separator followed by three figures is a thousand ("1.250"), as no value here has three decimals.
    """
    written = re.sub(r"^(€|\$|EUR|USD|AWG|XCG|ANG|f|fl\.?)\s*|\s*(EUR|USD|AWG|XCG|€)$", "", text.strip(), flags=re.I)
    written = re.sub(r"[\s ']", "", re.sub(r"[,.](-+|=)$", "", written))
    forms = r"\d{1,3}(\.\d{3})*(,\d{1,2})?|\d{1,3}(,\d{3})*(\.\d{1,2})?|\d+([.,]\d{1,2})?"
    if not re.fullmatch(forms, written, flags=re.ASCII):
        raise ValueError("not an amount")
    decimals = re.search(r"[.,](\d{1,2})$", written)
    whole = re.sub(r"[.,]", "", written[: decimals.start()] if decimals else written)
    if len(whole.lstrip("0")) > 8:  # more than the column holds, and no instrument
        raise ValueError("not an amount")
    return Decimal(f"{whole}.{decimals[1] if decimals else '0'}").quantize(Decimal("0.01"))


@dataclass(frozen=True)
class Depreciation:
    """How fast an instrument loses its value, in percents of what it cost."""

    yearly_percent: int  # lost in each whole year
    floor_percent: int  # it never falls below this

    def __str__(self) -> str:
        return f"{self.yearly_percent}/{self.floor_percent}"


# A proposal of our own where an organisation chose nothing: strings are repaired for decades, brass and woodwind wear
# out, skins and sticks sooner. An insurer's own percentages go into the organisation's rules.
DEPRECIATION = {
    "strings": Depreciation(3, 50),
    "woodwind": Depreciation(7, 30),
    "brass": Depreciation(5, 40),
    "percussion": Depreciation(8, 25),
}


def depreciation_of(family: str) -> Depreciation:
    return DEPRECIATION[family]


def replacement_value(cost: Decimal, bought_on: date | None, on: date, rule: Depreciation) -> Decimal:
    """What an instrument of this age is worth, in the currency of `cost`, to the cent: linear, down to the floor.

    Age counts in whole years. An instrument without a day of purchase counts as new.
    """
    years = 0
    if bought_on and bought_on < on:
        years = on.year - bought_on.year - ((on.month, on.day) < (bought_on.month, bought_on.day))
    percent = max(rule.floor_percent, 100 - years * rule.yearly_percent)
    return (cost * percent / 100).quantize(Decimal("0.01"))


# --- handovers --------------------------------------------------------------------------------------------
def content_hash(sort: HandoverSort, by: str, instruments: Iterable[object], **facts: object) -> str:
    """What a handover is about, whenever it arrives. The same id may come twice with the same content only."""
    content = [sort.value, by, sorted(map(str, instruments)), sorted((key, str(value)) for key, value in facts.items())]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


# --- at the desk ------------------------------------------------------------------------------------------
class Condition(StrEnum):
    """How an instrument looks when it changes hands."""

    GOOD = "good"
    WORN = "worn"  # marks and scratches; it plays
    DAMAGED = "damaged"


class Outcome(StrEnum):
    """What happens with an instrument that came back: exactly one of these."""

    SHELF = "shelf"
    REPAIR = "repair"
    CLEANING = "cleaning"
    RESERVE = "reserve"
    RETIRE = "retire"


class SignedOn(StrEnum):
    GLASS = "glass"
    PAPER = "paper"  # the photo of the paper may come later


def hash_of_act(act: dict[str, object]) -> str:
    """Of an act as a phone sent it: SHA-256 over its JSON with sorted keys, as shared/outbox.js writes it."""
    return hashlib.sha256(
        json.dumps(act, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    ).hexdigest()


def made_at(on_the_phone: datetime | None, now: datetime) -> datetime:
    """When an act counts as done: when the phone says it was, unless its clock runs ahead or is a month behind."""
    if on_the_phone is None or not now - timedelta(days=31) <= on_the_phone <= now:
        return now
    return on_the_phone


def missing(went_out: Iterable[str], came_back: Iterable[str]) -> list[str]:
    """What went out with an instrument and did not come back with it."""
    back = set(came_back)
    return [code for code in went_out if code not in back]


# --- reservations: how many are free on which day -----------------------------------------------------------
@dataclass(frozen=True)
class Taking:
    """So many leave the stock on `from_on` and are back on `until_on`, the first day they are there again."""

    number: int
    from_on: date
    until_on: date | None = None  # they stay out

    def covers(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


@dataclass(frozen=True)
class Stock:
    """One kind and size of one organisation, as its depots see it today."""

    here: int  # on the shelves of depots, fit to go out
    back: tuple[tuple[date, int], ...] = ()  # what comes back on a day that was agreed
    taken: tuple[Taking, ...] = ()  # what is promised and has not left

    def free_on(self, day: date) -> int:
        """Here and come back, less what is promised on that day. Below nought: promised too much."""
        back = sum(number for on, number in self.back if on <= day)
        return self.here + back - sum(taking.number for taking in self.taken if taking.covers(day))

    def days(self, from_on: date, until_on: date | None) -> list[date]:
        """The first day, and every later day before `until_on` on which something changes."""
        changes = {on for on, _ in self.back}
        for taking in self.taken:
            changes |= {taking.from_on} | ({taking.until_on} if taking.until_on else set())
        return [from_on, *sorted(day for day in changes if from_on < day and (until_on is None or day < until_on))]

    def least_free(self, from_on: date, until_on: date | None) -> int:
        return min(map(self.free_on, self.days(from_on, until_on)))


@dataclass(frozen=True)
class Clash:
    """Why so many cannot be had, and what can."""

    wanted: int
    on: date  # the first day on which there are too few
    free: int  # on that day
    back_on: date | None  # the next day on which there are more
    back: int  # how many more
    fewer: int  # so many can be had for the whole period
    later: date | None  # from this day on all can be had until the same end


def clash_of(stock: Stock, wanted: Taking) -> Clash | None:
    """None when at no day of the period more would be promised than there are."""
    days = stock.days(wanted.from_on, wanted.until_on)
    short = next((day for day in days if stock.free_on(day) < wanted.number), None)
    if short is None:
        return None
    free = stock.free_on(short)
    more = next((day for day in stock.days(short, None)[1:] if stock.free_on(day) > free), None)
    later = next((day for day in days[1:] if stock.least_free(day, wanted.until_on) >= wanted.number), None)
    return Clash(
        wanted=wanted.number,
        on=short,
        free=max(0, free),
        back_on=more,
        back=stock.free_on(more) - free if more else 0,
        fewer=max(0, stock.least_free(wanted.from_on, wanted.until_on)),
        later=later,
    )


def breaks_a_promise(before: Stock, after: Stock, today: date) -> date | None:
    """The first day from today on which `after` promises too much, and more so than `before`."""
    days = {*before.days(today, None), *after.days(today, None)}
    return next((day for day in sorted(days) if after.free_on(day) < min(0, before.free_on(day))), None)


# --- what was scanned -------------------------------------------------------------------------------------
class TagFound(StrEnum):
    """What a scanned text turned out to be. Each has its own sentence: queries/tags.py."""

    OURS = "ours"
    RETIRED = "retired"
    UNCLAIMED = "unclaimed"  # printed ahead, on no instrument yet
    ELSEWHERE = "elsewhere"  # of another organisation
    UNKNOWN = "unknown"  # a whole tag, and of nobody
    DAMAGED = "damaged"  # read or typed wrongly: the check character says so
    NO_LABEL = "no_label"  # another code: of a shop, a phone, a poster


def what_it_is(text: str) -> tuple[str, TagFound | None]:
    """The tag in a scanned text, and what is wrong with it as far as the text can tell; None: it is a whole tag."""
    tag = read_tag(text)[:40]
    if tag_is_sound(tag):
        return tag, None
    looks_like_one = "/i/" in text or (len(tag) in (TAG_LENGTH - 1, TAG_LENGTH, TAG_LENGTH + 1) and tag.isalnum())
    return tag, TagFound.DAMAGED if looks_like_one else TagFound.NO_LABEL


class ScanOutcome(StrEnum):
    """What a scan says in a stocktake of one place."""

    HERE = "here"  # expected, and here
    AGAIN = "again"  # it was scanned before
    OUT = "out"  # it should be out: lent, in the workshop, on its way
    MISPLACED = "misplaced"  # kept by another place of ours
    CAME = "came"  # kept here, but it came after the stocktake began
    OTHER = "other"  # kept here, of a kind that is not counted now
    RETIRED = "retired"
    UNCLAIMED = "unclaimed"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"
    DAMAGED = "damaged"
    NO_LABEL = "no_label"


SURPRISES = (  # found here, and nobody expected it here
    ScanOutcome.OUT,
    ScanOutcome.CAME,
    ScanOutcome.RETIRED,
    ScanOutcome.UNCLAIMED,
    ScanOutcome.ELSEWHERE,
    ScanOutcome.UNKNOWN,
)
REPEATABLE = (ScanOutcome.AGAIN, ScanOutcome.OTHER, ScanOutcome.DAMAGED, ScanOutcome.NO_LABEL)  # these count nothing


class WhyOut(StrEnum):
    """Why an instrument of a place is rightly not there."""

    LENT = "lent"  # at home with its holder
    WORKSHOP = "workshop"
    TRANSIT = "transit"
    ELSEWHERE = "elsewhere"  # it stands at another place


def why_out(spot: Spot, *, counted_at: int, stands_in_workshop: bool) -> WhyOut | None:
    """Why an instrument that a place answers for is rightly not there; None: it should be there.

    A lost one should be: that is what is looked for.
    """
    match spot.where:
        case Where.HOME:
            return WhyOut.LENT
        case Where.TRANSIT:
            return WhyOut.TRANSIT
        case Where.SITE if spot.site != counted_at:
            return WhyOut.WORKSHOP if stands_in_workshop else WhyOut.ELSEWHERE
    return None


class FoundOutcome(StrEnum):
    """What came of a stranger's message."""

    BACK = "back"
    NOT_OURS = "not_ours"
    NOTHING = "nothing"
    UNANSWERED = "unanswered"  # nobody was done with it before its last day


FOUND_IS_KEPT = timedelta(days=60)  # what a stranger wrote, at the most


def act_hash(act: object) -> str:
    """SHA-256 of an act as a phone sent it: JSON with sorted keys, as shared/outbox.js makes it."""
    text = json.dumps(act, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True)
class SentScan:
    """One scan as a phone sends it."""

    id: uuid.UUID
    stocktake: uuid.UUID
    text: str
    device: uuid.UUID
    device_sequence: int
    made_at: datetime
    hash: str


class NotAScan(ValueError):
    """Nothing that a phone of ours sends."""


def read_scan(item: object) -> SentScan:
    """The scan in `item`. Raises NotAScan."""
    if not isinstance(item, dict):
        raise NotAScan
    try:
        sequence, text, made_at = item["device_sequence"], item["text"], datetime.fromisoformat(item["made_at"])
        if type(sequence) is not int or not 0 <= sequence < 2**53 or not isinstance(text, str) or len(text) > 300:
            raise NotAScan
        if made_at.tzinfo is None or not 1970 <= made_at.year < 2200 or not text.isprintable():
            raise NotAScan
        return SentScan(
            id=uuid.UUID(item["id"]),
            stocktake=uuid.UUID(item["stocktake"]),
            text=text,
            device=uuid.UUID(item["device"]),
            device_sequence=sequence,
            made_at=made_at,
            hash=act_hash(item),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAScan from error


# --- what is sent twice -------------------------------------------------------------------------------------
def hash_of_facts(by: str, **facts: object) -> str:
    """What a report or a ticket is about: the same id may come twice with the same content only."""
    content = [by, sorted((key, str(value)) for key, value in facts.items())]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


# --- the workshop -------------------------------------------------------------------------------------------
class Mending(StrEnum):
    """How the work on a ticket ended."""

    MENDED = "mended"
    ELSEWHERE = "elsewhere"  # mended by somebody outside
    NOTHING = "nothing"  # nothing was wrong
    BEYOND = "beyond"  # beyond repair: it leaves for good


class RepairAct(StrEnum):
    """What can happen to a ticket."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    RECEIVED = "received"  # it came into the workshop
    WAITS = "waits"  # for a part
    GOES_ON = "goes_on"
    MENDED = "mended"
    HANDED_BACK = "handed_back"  # to its child
    LOANER_STAYS = "loaner_stays"  # the child keeps what it got meanwhile
    SHELVED = "shelved"  # nobody waits for it


class PartMove(StrEnum):
    BOUGHT = "bought"
    USED = "used"
    COUNTED = "counted"  # the shelf was counted and the difference noted
    LOST = "lost"


DIFFICULTIES = (1, 2, 3)
DAYS_TO_MEND = 14  # a ticket is due so many days after it was opened, sooner when a child waits
DAYS_TO_MEND_FOR_A_CHILD = 7


def due_on(opened: date, child_waits: bool) -> date:
    return opened + timedelta(days=DAYS_TO_MEND_FOR_A_CHILD if child_waits else DAYS_TO_MEND)


def add_months(day: date, months: int) -> date:
    """The same day so many months later; 31 January and a month is the last day of February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


# --- weeks without an instrument ------------------------------------------------------------------------------
Span = tuple[date, date | None]  # from a day until, not including, another; None: for ever


def _joined(spans: Iterable[Span], first: date, until: date) -> list[tuple[date, date]]:
    """Clipped to the window, in order, those that touch or overlap as one."""
    clipped = sorted((max(a, first), min(b or until, until)) for a, b in spans)
    joined: list[tuple[date, date]] = []
    for a, b in clipped:
        if a >= b:
            continue
        if joined and a <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
        else:
            joined.append((a, b))
    return joined


def days_without(plays: Iterable[Span], has: Iterable[Span], off: Iterable[Span], first: date, until: date) -> int:
    """Days from `first` until `until` on which a child plays, has nothing to play on, and school is not on holiday."""
    covered = _joined([*has, *off], first, until)
    days = 0
    for a, b in _joined(plays, first, until):
        days += (b - a).days
        days -= sum((min(b, d) - max(a, c)).days for c, d in covered if c < b and a < d)
    return days


def pieces_without(
    whole: tuple[datetime, datetime | None], stops: Iterable[tuple[datetime, datetime | None]]
) -> list[tuple[datetime, datetime | None]]:
    """What is left of a period when other periods are cut out of it; an empty end is for ever."""
    left, end = whole
    found: list[tuple[datetime, datetime | None]] = []
    for start, stop in sorted(stops, key=lambda one: one[0]):
        if end is not None and start >= end:
            break
        if stop is not None and stop <= left:
            continue
        if start > left:
            found.append((left, start))
        if stop is None or (end is not None and stop >= end):
            return found
        left = stop
    return [*found, (left, end)]


# --- the round of the mobile workshop -------------------------------------------------------------------------
EARTH = 6371.0  # km


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres as the crow flies between two points in degrees (north, east)."""
    north_a, east_a, north_b, east_b = map(math.radians, (*a, *b))
    haversine = (
        math.sin((north_b - north_a) / 2) ** 2
        + math.cos(north_a) * math.cos(north_b) * math.sin((east_b - east_a) / 2) ** 2
    )
    return 2 * EARTH * math.asin(math.sqrt(haversine))


def round_trip(points: Sequence[tuple[float, float]]) -> list[int]:
    """In which order to visit `points` from the first and back: each time the nearest, then 2-opt until no two roads
    cross and or-opt until no stop lies better elsewhere. Positions in `points`, beginning with 0.

    Not always the shortest: the tests measure it against every order of up to eight points.
    """
    between = [[distance(a, b) for b in points] for a in points]
    rest, order = set(range(1, len(points))), [0] if points else []
    while rest:
        nearest = min(rest, key=lambda n: (between[order[-1]][n], n))
        order.append(nearest)
        rest.remove(nearest)
    while shorter := next(_shorter(order, between), None):
        order = shorter
    return order


def length(order: Sequence[int], between: Sequence[Sequence[float]]) -> float:
    return sum(between[a][b] for a, b in zip(order, [*order[1:], *order[:1]], strict=True))


def _shorter(order: list[int], between: Sequence[Sequence[float]]) -> Iterator[list[int]]:
    now = length(order, between) - 1e-9
    for i in range(1, len(order)):
        for j in range(i + 1, len(order)):
            turned = order[:i] + order[i : j + 1][::-1] + order[j + 1 :]
            if length(turned, between) < now:
                yield turned
    for i in range(1, len(order)):
        for many in (1, 2, 3):
            moved, others = order[i : i + many], order[:i] + order[i + many :]
            for j in range(1, len(others) + 1):
                for piece in (moved, moved[::-1]):
                    placed = others[:j] + piece + others[j:]
                    if length(placed, between) < now:
                        yield placed
