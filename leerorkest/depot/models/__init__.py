from .accessories import AccessoryFit, AccessoryKind
from .custody import Custodies, Custody, Handover, Instrument, InstrumentImport, Instruments
from .kits import Kit, KitMembership
from .owners import Ownership
from .places import HomeRule, Placement
from .reservations import Pick, Picks, Reservation, ReservationLine, ReservationLines, Reservations
from .stocktakes import ExpectedInstrument, Stocktake, StocktakePhone, Stocktakes, StocktakeScan, StocktakeScans
from .values import ValueRule

__all__ = [
    "AccessoryFit",
    "AccessoryKind",
    "Custodies",
    "Custody",
    "ExpectedInstrument",
    "Handover",
    "HomeRule",
    "Instrument",
    "InstrumentImport",
    "Instruments",
    "Kit",
    "KitMembership",
    "Ownership",
    "Pick",
    "Picks",
    "Placement",
    "Reservation",
    "ReservationLine",
    "ReservationLines",
    "Reservations",
    "Stocktake",
    "StocktakePhone",
    "StocktakeScan",
    "StocktakeScans",
    "Stocktakes",
    "ValueRule",
]
