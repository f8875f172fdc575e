from learners.actions.editions import (
    adjust_entry,
    compose_edition,
    open_next_edition,
    print_edition,
    seal_edition,
)
from learners.actions.people import TakenIn, take_in_people
from learners.actions.registers import (
    EntryFacts,
    RegisterError,
    add_entries,
    change_entry,
    create_register,
    remove_entry,
)

__all__ = [
    "EntryFacts",
    "RegisterError",
    "TakenIn",
    "add_entries",
    "adjust_entry",
    "change_entry",
    "compose_edition",
    "create_register",
    "open_next_edition",
    "print_edition",
    "remove_entry",
    "seal_edition",
    "take_in_people",
]
