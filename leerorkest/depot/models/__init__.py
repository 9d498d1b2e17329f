from .accessories import AccessoryFit, AccessoryKind
from .custody import Custodies, Custody, Handover, Instrument, InstrumentImport, Instruments
from .defects import Defect, DefectKind, Defects, DefectStep, StepKind
from .desk import Acceptance, Cleaning, ConditionReport, LoanTerms, PaperForm
from .found import FoundNotice, FoundNotices
from .gifts import Donor, DonorLink, Gift
from .kits import Kit, KitMembership
from .labels import Label, LabelBatch, Labels
from .maintenance import Jobs, MaintenanceJob, MaintenanceRule
from .owners import Ownership
from .parts import Part, PartMovement, Parts
from .places import HomeRule, Placement
from .repairs import Loaner, Loaners, Repair, RepairDefect, RepairEvent, Repairs, RepairStep
from .requests import InstrumentRequest, RequestLine, Requests
from .reservations import Pick, Picks, Reservation, ReservationLine, ReservationLines, Reservations
from .shipments import FreightTime, Loan, Loans, Shipment, ShipmentExtra, ShipmentItem, ShipmentItems
from .stocktakes import ExpectedInstrument, Stocktake, StocktakePhone, Stocktakes, StocktakeScan, StocktakeScans
from .surplus import Surplus, Surpluses
from .values import ValueRule

__all__ = [
    "Acceptance",
    "AccessoryFit",
    "AccessoryKind",
    "Cleaning",
    "ConditionReport",
    "Custodies",
    "Custody",
    "Defect",
    "DefectKind",
    "DefectStep",
    "Defects",
    "Donor",
    "DonorLink",
    "ExpectedInstrument",
    "FoundNotice",
    "FoundNotices",
    "FreightTime",
    "Gift",
    "Handover",
    "HomeRule",
    "Instrument",
    "InstrumentImport",
    "InstrumentRequest",
    "Instruments",
    "Jobs",
    "Kit",
    "KitMembership",
    "Label",
    "LabelBatch",
    "Labels",
    "Loan",
    "LoanTerms",
    "Loaner",
    "Loaners",
    "Loans",
    "MaintenanceJob",
    "MaintenanceRule",
    "Ownership",
    "PaperForm",
    "Part",
    "PartMovement",
    "Parts",
    "Pick",
    "Picks",
    "Placement",
    "Repair",
    "RepairDefect",
    "RepairEvent",
    "RepairStep",
    "Repairs",
    "RequestLine",
    "Requests",
    "Reservation",
    "ReservationLine",
    "ReservationLines",
    "Reservations",
    "Shipment",
    "ShipmentExtra",
    "ShipmentItem",
    "ShipmentItems",
    "StepKind",
    "Stocktake",
    "StocktakePhone",
    "StocktakeScan",
    "StocktakeScans",
    "Stocktakes",
    "Surplus",
    "Surpluses",
    "ValueRule",
]
