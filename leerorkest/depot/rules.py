"""Pure decisions about instruments."""

from enum import StrEnum


class Level(StrEnum):
    """The two levels of custody."""

    KEEPER = "keeper"  # a site answers for it
    HOLDER = "holder"  # a child or a member of staff has it in care


class HandoverSort(StrEnum):
    INTAKE = "intake"  # it enters the programme
    ISSUE = "issue"  # from keeper to keeper: a class set to a school
    LEND = "lend"  # from the keeper's shelf to a holder
    RETURN = "return"  # a holder gives it back to the keeper
    TAKE_BACK = "take_back"  # it goes back to the depot
    REVERSAL = "reversal"  # undoes a mistake, visibly
