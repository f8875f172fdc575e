"""A process that stores names in groups and says which ones are stored, until it is killed.

    python -m tests.lms.group_process NAME WHEN

WHEN: "within" kills it in the middle of a group, "after" between COMMIT and the first answer,
"never" leaves that to whoever reads what it says: "stored NAME" once `together` has answered, and
"group SIZE" before each transaction.
"""

import os
import signal
import sys
import threading
from functools import partial

from django.db import connection, transaction

from lms.lib import turns

WRITERS = 6


def say(*words: object) -> None:
    """One write, so that no line of two threads mixes with another."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@transaction.atomic
def keep(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO name VALUES (%s)", [name])
    return name


def keep_and_die(name: str) -> str:
    keep(name)
    die()
    return name


def write(*actions: partial[str]) -> None:
    for action in actions:
        say("stored", turns.together(action))


def watch_groups(*, dies: bool) -> None:
    own = turns._run

    def run(group) -> None:
        say("group", len(group))
        own(group)
        if dies:
            die()

    turns._run = run


def go(name: str, when: str) -> None:
    watch_groups(dies=when == "after")
    if when == "never":
        count = range(100_000)
        work = [[partial(keep, f"{name}-{w}-{n}") for n in count] for w in range(WRITERS)]
    else:
        middle = keep_and_die if when == "within" else keep
        work = [[partial(keep, "a")], [partial(middle, "b")], [partial(keep, "c")]]
    threads = [threading.Thread(target=write, args=actions) for actions in work]
    with turns._front:  # all of them stand in line before the first has its turn
        for at, thread in enumerate(threads):
            thread.start()
            while len(turns._line) <= at:
                thread.join(0.001)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    go(*sys.argv[1:])
