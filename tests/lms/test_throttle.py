import time_machine

from lms.lib.throttle import allow


@time_machine.travel("2026-11-22T01:00:00Z", tick=False)
def test_so_many_in_a_window_and_no_more():
    assert [allow("a", limit=2, seconds=60) for _ in range(3)] == [True, True, False]
    assert allow("b", limit=2, seconds=60)


def test_the_next_window_starts_afresh():
    with time_machine.travel("2026-11-22T01:00:00Z", tick=False):
        assert [allow("c", limit=1, seconds=60) for _ in range(2)] == [True, False]
    with time_machine.travel("2026-11-22T01:01:00Z", tick=False):
        assert allow("c", limit=1, seconds=60)
