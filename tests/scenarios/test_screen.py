"""The shared screen as pictures show it: blank, or something else than at the start."""

from __future__ import annotations

import pytest
from sitting_script import SittingScript, run

from proctor.detectors.registry import discover
from proctor.domain.media import ClientEventKind as Kind
from proctor.domain.media import LinkState
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import to_s

RULE = discover()[SignalKind.SCREEN_SHARE_STOPPED]


def noticed(script: SittingScript) -> list[Signal]:
    return run(RULE(RULE.config_type()), script.observations(), script.end)


def spans(script: SittingScript) -> list[tuple[str, float, float]]:
    closed = [signal for signal in noticed(script) if signal.end is not None]
    return [(signal.why.crossing.measure, to_s(signal.start), to_s(signal.end or signal.start)) for signal in closed]


def test_a_blank_screen_is_noticed_from_onset_to_end() -> None:
    script = SittingScript().screen(0, 20).screen(20, 40, blank=1.0).screen(40, 60).ticks(60)
    assert spans(script) == [("blank_share", 20.0, 40.0)]


def test_a_screen_of_other_proportions_is_noticed() -> None:
    script = SittingScript().screen(0, 20).screen(20, 40, width=900).screen(40, 60).ticks(60)
    assert spans(script) == [("proportions", 20.0, 40.0)]
    smaller = SittingScript().screen(0, 20).screen(20, 40, width=640, height=360).ticks(60)
    assert spans(smaller) == []


@pytest.mark.parametrize("blank_s", [2.0, 6.0])
def test_a_screen_that_is_blank_for_a_moment_is_left_alone(blank_s: float) -> None:
    script = SittingScript().screen(0, 20).screen(20, 20 + blank_s, blank=1.0).screen(20 + blank_s, 60).ticks(60)
    assert spans(script) == []


def test_a_page_with_a_line_of_text_is_not_blank() -> None:
    assert spans(SittingScript().screen(0, 60, blank=0.99).ticks(60)) == []


def test_nothing_is_assumed_of_the_screen_while_the_link_is_lost() -> None:
    script = SittingScript().screen(0, 12, blank=1.0).link(12, LinkState.LOST).ticks(60)
    assert spans(script) == [("blank_share", 0.0, 10.0)]


def test_a_share_that_stops_ends_what_its_pictures_showed_and_a_new_one_may_differ() -> None:
    script = (
        SittingScript()
        .screen(0, 20, blank=1.0)
        .event(20, Kind.SCREEN_SHARE_STOPPED)
        .event(30, Kind.SCREEN_SHARE_STARTED)
        .screen(31, 60, width=900)
        .ticks(60)
    )
    found = spans(script)
    assert [measure for measure, *_ in found] == ["blank_share", "lasted_s"]
    assert found[0][2] <= found[1][1] == 20.0
    assert len({signal.signal_id for signal in noticed(script)}) == 2
