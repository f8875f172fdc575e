"""Write the rosters of this folder and their truths again: python -m tests.learners.layouts.make"""

from tests.learners.layouts import books, offices, platforms, registers, texts, wrecks

ROSTERS = [
    *books.ROSTERS,
    *registers.ROSTERS,
    *texts.ROSTERS,
    *wrecks.ROSTERS,
    *offices.ROSTERS,
    *platforms.ROSTERS,
]

if __name__ == "__main__":
    for write in ROSTERS:
        write()
