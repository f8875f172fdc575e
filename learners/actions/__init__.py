from learners.actions.people import TakenIn, take_in_people
from learners.actions.registers import (
    RegisterError,
    add_entries,
    adjust_entry,
    create_register,
    open_next_edition,
    remove_entry,
    seal_edition,
)

__all__ = [
    "RegisterError",
    "TakenIn",
    "add_entries",
    "adjust_entry",
    "create_register",
    "open_next_edition",
    "remove_entry",
    "seal_edition",
    "take_in_people",
]
