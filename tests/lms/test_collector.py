"""What a process loaded at its start is not gone through again."""

import gc

from lms.lib.collector import settle


def test_what_was_loaded_is_left_alone_and_what_comes_is_not():
    before, threshold = gc.get_freeze_count(), gc.get_threshold()
    gc.set_threshold(700)
    kept: list[object] = []
    kept.append(kept)
    try:
        settle()
        assert gc.get_freeze_count() > before
        assert not any(one is kept for one in gc.get_objects())
        assert gc.isenabled()
        assert gc.get_threshold()[0] > 700
        later: list[object] = []
        assert any(one is later for one in gc.get_objects())
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
