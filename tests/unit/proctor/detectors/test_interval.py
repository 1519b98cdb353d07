from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from proctor.detectors.interval import Change, Closed, HeldInterval, Opened, SampledInterval
from proctor.domain.time import NS_PER_MS, MediaTime


def at(milliseconds: float) -> MediaTime:
    return MediaTime(round(milliseconds * NS_PER_MS))


def sampled(
    dwell_s: float = 1.0, release_s: float = 1.0, unknown_after_s: float = 3.0, share: float = 1.0, samples: int = 1
) -> SampledInterval[str]:
    return SampledInterval(
        dwell_s=dwell_s, release_s=release_s, unknown_after_s=unknown_after_s, share=share, samples=samples
    )


def feed(interval: SampledInterval[str], marks: str, step_ms: int = 500, start_ms: int = 0) -> list[Change[str]]:
    """Samples in a row: `x` holds, `.` does not, a space is a sample left out."""
    changes: list[Change[str]] = []
    for index, mark in enumerate(marks):
        time = at(start_ms + index * step_ms)
        if mark == "x":
            changes += interval.hold(time, str(index))
        elif mark == ".":
            changes += interval.absent(time)
    return changes


class TestSampledInterval:
    def test_opens_after_the_dwell_with_the_onset_and_all_evidence(self) -> None:
        assert feed(sampled(), ".xxx") == [Opened(at(500), at(1500), ("1", "2", "3"))]

    def test_does_not_open_when_the_condition_was_interrupted(self) -> None:
        assert feed(sampled(), "xx.xx.xx.") == []

    def test_closes_where_the_condition_stopped_once_the_release_has_passed(self) -> None:
        interval = sampled()
        assert feed(interval, "xxx..") == [Opened(at(0), at(1000), ("0", "1", "2"))]
        assert feed(interval, ".", start_ms=2500) == [Closed(at(1500))]

    def test_a_short_absence_does_not_end_the_interval(self) -> None:
        interval = sampled()
        assert len(feed(interval, "xxx.x.x.")) == 1
        assert interval.is_open

    def test_a_dwell_of_zero_opens_at_once(self) -> None:
        assert feed(sampled(dwell_s=0), "x") == [Opened(at(0), at(0), ("0",))]

    def test_a_gap_does_not_count_as_holding(self) -> None:
        assert feed(sampled(dwell_s=4.0), "x        x") == []

    def test_a_short_gap_counts_as_holding(self) -> None:
        assert feed(sampled(dwell_s=3.0), "x  x  x") == [Opened(at(0), at(3000), ("0", "3", "6"))]

    def test_a_gap_ends_an_open_interval_at_the_last_measurement(self) -> None:
        interval = sampled()
        feed(interval, "xxxx")
        assert interval.tick(at(4500)) == []
        assert interval.tick(at(4501)) == [Closed(at(1500))]

    def test_a_gap_while_releasing_ends_it_where_the_condition_stopped(self) -> None:
        interval = sampled(release_s=2.0)
        feed(interval, "xxxx..")
        assert interval.tick(at(60_000)) == [Closed(at(2000))]

    def test_the_next_sample_finds_the_gap_without_a_tick(self) -> None:
        interval = sampled(dwell_s=0)
        feed(interval, "xx")
        assert interval.hold(at(60_000), "late") == [Closed(at(500)), Opened(at(60_000), at(60_000), ("late",))]

    def test_a_tick_ahead_of_late_samples_leaves_the_dwell_alone(self) -> None:
        interval = sampled()
        feed(interval, "xx")
        assert interval.tick(at(60_000)) == []
        assert feed(interval, "x", start_ms=1000) == [Opened(at(0), at(1000), ("0", "1", "0"))]

    def test_samples_that_go_back_or_stand_still_are_ignored(self) -> None:
        interval = sampled(dwell_s=0.5)
        interval.hold(at(1000), "first")
        assert interval.hold(at(1000), "again") == []
        assert interval.absent(at(500)) == []
        assert interval.hold(at(1500), "next") == [Opened(at(1000), at(1500), ("first", "next"))]

    def test_windows_count_with_their_length(self) -> None:
        interval = sampled(dwell_s=1.0)
        assert interval.hold(at(0), "a", until=at(500)) == []
        assert interval.hold(at(500), "b", until=at(1000)) == [Opened(at(0), at(1000), ("a", "b"))]

    def test_the_onset_may_lie_before_the_sample_but_not_in_the_last_interval(self) -> None:
        interval = sampled(dwell_s=0, release_s=0)
        assert interval.hold(at(5000), "a", since=at(2000)) == [Opened(at(2000), at(5000), ("a",))]
        interval.absent(at(6000))
        assert interval.hold(at(7000), "b", since=at(4000)) == [Opened(at(6000), at(7000), ("b",))]

    def test_a_share_lets_some_samples_miss_it(self) -> None:
        interval = sampled(dwell_s=1.0, share=0.6, samples=2)
        assert feed(interval, "x.x") == [Opened(at(0), at(1000), ("0", "2"))]

    def test_a_share_that_is_not_reached_does_not_open(self) -> None:
        assert feed(sampled(dwell_s=1.0, share=0.6, samples=2), "x..x..x..x..x") == []

    def test_with_a_share_the_onset_is_the_earliest_that_reaches_it(self) -> None:
        (opened,) = feed(sampled(dwell_s=1.0, share=0.6, samples=2), "x...x.x")
        assert isinstance(opened, Opened)
        assert opened.start == at(2000)

    def test_the_number_of_samples_is_needed_however_long_it_takes(self) -> None:
        interval = sampled(dwell_s=5.0, unknown_after_s=30.0, samples=3)
        assert feed(interval, "xx", step_ms=10_000) == []
        (opened,) = feed(interval, "x", start_ms=20_000)
        assert isinstance(opened, Opened)
        assert opened.start == at(0)

    def test_forgetting_drops_a_dwell_and_ends_what_is_open(self) -> None:
        interval = sampled()
        feed(interval, "xx")
        assert interval.forget() == []
        assert feed(interval, "xxx", start_ms=1000)[0] == Opened(at(1000), at(2000), ("0", "1", "2"))
        assert interval.forget() == [Closed(at(2000))]
        assert interval.forget() == []

    def test_the_end_of_the_sitting_closes_where_it_was_still_known(self) -> None:
        known, unknown = sampled(), sampled()
        for interval in (known, unknown):
            feed(interval, "xxx")
        assert known.finish(at(1400)) == [Closed(at(1400))]
        assert unknown.finish(at(10_000)) == [Closed(at(1000))]
        assert known.finish(at(1400)) == []


class TestHeldInterval:
    def test_opens_by_a_tick_and_closes_where_the_state_ended(self) -> None:
        interval: HeldInterval[str] = HeldInterval(dwell_s=1.0)
        assert interval.begin(at(100), "why") == []
        assert interval.tick(at(1000)) == []
        assert interval.tick(at(1500)) == [Opened(at(100), at(1500), ("why",))]
        assert interval.cease(at(9000)) == [Closed(at(9000))]

    def test_opens_and_closes_without_any_tick(self) -> None:
        interval: HeldInterval[str] = HeldInterval(dwell_s=1.0)
        interval.begin(at(0), "why")
        assert interval.cease(at(5000)) == [Opened(at(0), at(5000), ("why",)), Closed(at(5000))]

    def test_a_state_shorter_than_the_dwell_is_dropped(self) -> None:
        interval: HeldInterval[str] = HeldInterval(dwell_s=1.0)
        interval.begin(at(0), "why")
        assert interval.cease(at(900)) == []
        assert interval.tick(at(9000)) == []

    def test_coming_back_within_the_release_continues_the_interval(self) -> None:
        interval: HeldInterval[str] = HeldInterval(dwell_s=0.0, release_s=2.0)
        interval.begin(at(0), "why")
        assert interval.cease(at(1000)) == []
        assert interval.begin(at(2500), "again") == []
        assert interval.cease(at(3000)) == []
        assert interval.tick(at(5000)) == [Closed(at(3000))]

    def test_saying_it_again_changes_nothing(self) -> None:
        interval: HeldInterval[str] = HeldInterval(dwell_s=1.0)
        interval.begin(at(0), "first")
        assert interval.begin(at(1500), "second") == [Opened(at(0), at(1500), ("first",))]

    def test_two_states_of_one_instant_do_not_share_a_start(self) -> None:
        interval: HeldInterval[str] = HeldInterval(dwell_s=0.0)
        first = interval.begin(at(5), "a") + interval.cease(at(5))
        second = interval.begin(at(5), "b") + interval.tick(at(6))
        starts = [change.start for change in first + second if isinstance(change, Opened)]
        assert len(set(starts)) == len(starts) == 2

    def test_forgetting_ends_it_there(self) -> None:
        interval: HeldInterval[str] = HeldInterval(dwell_s=0.0)
        interval.begin(at(0), "why")
        assert interval.forget(at(700)) == [Closed(at(700))]
        assert interval.forget(at(800)) == []


def check(changes: list[Change[str]]) -> None:
    """Opened and closed by turns, in order, without overlap, each start once."""
    previous_end = previous_start = -1
    start: MediaTime | None = None
    for change in changes:
        if isinstance(change, Opened):
            assert start is None
            assert change.start >= previous_end
            assert change.start > previous_start
            assert change.noticed >= change.start
            assert change.evidence
            start = previous_start = change.start
        else:
            assert start is not None
            assert change.end >= start
            previous_end = change.end
            start = None
    assert start is None


@given(
    steps=st.lists(st.tuples(st.integers(0, 8000), st.sampled_from("xx..t|"), st.integers(0, 1500)), max_size=60),
    dwell_s=st.sampled_from([0.0, 0.5, 2.0, 5.0]),
    release_s=st.sampled_from([0.0, 1.0, 3.0]),
    share=st.sampled_from([0.5, 0.6, 1.0]),
    samples=st.integers(1, 4),
)
def test_sampled_intervals_never_overlap(
    steps: list[tuple[int, str, int]], dwell_s: float, release_s: float, share: float, samples: int
) -> None:
    interval = sampled(dwell_s, release_s, 3.0, share, samples)
    time = 0
    changes: list[Change[str]] = []
    for wait, what, length in steps:
        time += wait
        match what:
            case "x":
                changes += interval.hold(at(time), "x", until=at(time + length))
            case ".":
                changes += interval.absent(at(time), until=at(time + length))
            case "t":
                changes += interval.tick(at(time))
            case _:
                changes += interval.forget()
    changes += interval.finish(at(time))
    check(changes)


@given(
    steps=st.lists(st.tuples(st.integers(-300, 3000), st.sampled_from("bbcct|")), max_size=60),
    dwell_s=st.sampled_from([0.0, 0.5, 2.0]),
    release_s=st.sampled_from([0.0, 1.0]),
)
def test_held_intervals_never_overlap_even_when_reports_come_late(
    steps: list[tuple[int, str]], dwell_s: float, release_s: float
) -> None:
    interval: HeldInterval[str] = HeldInterval(dwell_s=dwell_s, release_s=release_s)
    time = 0
    changes: list[Change[str]] = []
    for wait, what in steps:
        time = max(0, time + wait)
        match what:
            case "b":
                changes += interval.begin(at(time), "b")
            case "c":
                changes += interval.cease(at(time))
            case "t":
                changes += interval.tick(at(time))
            case _:
                changes += interval.forget(at(time))
    changes += interval.forget(at(time))
    check(changes)
