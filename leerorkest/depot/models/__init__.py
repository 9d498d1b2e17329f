from .custody import Custodies, Custody, Handover, Instrument, InstrumentImport, Instruments
from .reservations import Pick, Picks, Reservation, ReservationLine, ReservationLines, Reservations

__all__ = [
    "Custodies",
    "Custody",
    "Handover",
    "Instrument",
    "InstrumentImport",
    "Instruments",
    "Pick",
    "Picks",
    "Reservation",
    "ReservationLine",
    "ReservationLines",
    "Reservations",
]
