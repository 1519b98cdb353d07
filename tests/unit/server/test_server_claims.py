from __future__ import annotations

import pytest

from server.problems import ProblemError
from server.sittings.claims import LEASE_S, ClaimBook
from tests.fakes.clock import HeldClock

SITTING, FIRST, SECOND = "sitting", "first-tab", "second-tab"


def test_one_tab_has_the_sitting() -> None:
    claims = ClaimBook(HeldClock())

    assert claims.hold(SITTING, FIRST) is True
    assert claims.hold(SITTING, FIRST) is False, "it had it already"
    with pytest.raises(ProblemError) as refusal:
        claims.hold(SITTING, SECOND)
    assert (refusal.value.status, refusal.value.code) == (409, "sitting_open_elsewhere")


def test_a_lease_runs_out() -> None:
    clock = HeldClock()
    claims = ClaimBook(clock)
    claims.hold(SITTING, FIRST)

    clock.advance(LEASE_S + 1)

    assert claims.hold(SITTING, SECOND) is True


def test_an_open_socket_keeps_the_claim_and_the_lease_runs_from_its_end() -> None:
    clock = HeldClock()
    claims = ClaimBook(clock)
    claims.hold(SITTING, FIRST)
    claims.connected(SITTING, FIRST)
    clock.advance(10 * LEASE_S)
    with pytest.raises(ProblemError):
        claims.hold(SITTING, SECOND)

    claims.disconnected(SITTING, FIRST)
    clock.advance(LEASE_S - 1)
    with pytest.raises(ProblemError):
        claims.hold(SITTING, SECOND)
    clock.advance(2)
    assert claims.hold(SITTING, SECOND) is True


def test_taking_over_names_the_tab_that_had_it() -> None:
    claims = ClaimBook(HeldClock())
    claims.hold(SITTING, FIRST)
    claims.connected(SITTING, FIRST)

    assert claims.take_over(SITTING, SECOND) == FIRST
    assert claims.take_over(SITTING, SECOND) is None
    claims.disconnected(SITTING, FIRST)
    with pytest.raises(ProblemError):
        claims.hold(SITTING, FIRST)
