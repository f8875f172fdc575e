"""Python's collector of cycles in a process that lives long and reads ten thousand rows at once."""

import gc

#: As many new objects before it looks at the new ones, and as many such looks before the older
#: ones: with Python's own 700 it went through every row that was being read again and again.
_NEW, _LOOKS = 10_000, 20


def settle() -> None:
    """What was loaded until now stays as long as the process: it is not looked at any more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW, _LOOKS, _LOOKS)
