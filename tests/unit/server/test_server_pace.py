from __future__ import annotations

from server.pace import Paces


class Watch:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at_s = 100.0

    def __call__(self) -> float:
        return self.at_s


def test_a_burst_is_taken_at_once_and_then_as_it_comes_back() -> None:
    watch = Watch()
    paces = Paces(2, 4, watch)

    assert [paces.wait_s("a") for _ in range(4)] == [0, 0, 0, 0]
    assert paces.wait_s("a") == 0.5
    assert paces.wait_s("b") == 0, "each key has a bucket of its own"
    watch.at_s += 0.5
    assert paces.wait_s("a") == 0
    assert paces.wait_s("a") == 0.5, "a refusal takes nothing"


def test_many_at_once_wait_until_all_are_there() -> None:
    watch = Watch()
    paces = Paces(2, 4, watch)

    assert paces.wait_s("a", 3) == 0
    assert paces.wait_s("a", 3) == 1
    watch.at_s += 1
    assert paces.wait_s("a", 3) == 0
    watch.at_s += 60
    assert paces.wait_s("a", 100) == 0, "more than the burst counts as the burst"


def test_full_buckets_are_forgotten() -> None:
    watch = Watch()
    paces = Paces(1000, 1, watch)
    for number in range(25_000):
        paces.wait_s(str(number))
        watch.at_s += 0.01

    assert len(paces._full_at_s) < 10_001
