from .custody import Custodies, Custody, Handover, Instrument, InstrumentImport, Instruments

__all__ = ["Custodies", "Custody", "Handover", "Instrument", "InstrumentImport", "Instruments"]
