"""Whatever arrives, each rule keeps its promises: in order, no two intervals at once, all closed, always the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sitting_script import run

from proctor.detectors.registry import discover
from proctor.domain.media import ClientEvent, ClientEventKind, LinkEvent, LinkState, TrackKind
from proctor.domain.observations import (
    ClientObserved,
    Face,
    HeadPose,
    IdentityObserved,
    LinkObserved,
    Observation,
    PeopleObserved,
    PictureObserved,
    SoundObserved,
    Tick,
)
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import NS_PER_MS, MediaTime

REGISTRY = discover()
SHARES = st.floats(0, 1)
ANGLES = st.floats(-90, 90)
POSES = st.none() | st.builds(HeadPose, ANGLES, ANGLES, ANGLES)
FACES = st.lists(st.builds(Face, st.just((0.0, 0.0, 9.0, 9.0)), SHARES, POSES), max_size=3).map(tuple)
TRACKS = st.sampled_from([TrackKind.CAMERA, TrackKind.CAMERA, TrackKind.SCREEN])

# At times all zero: `at_time` puts each observation at its place.
AT = st.just(MediaTime(0))
CLIENT_EVENTS = st.builds(
    ClientEvent,
    st.sampled_from(ClientEventKind),
    AT,
    st.fixed_dictionaries({"track": st.sampled_from(["camera", "screen", "microphone"])}),
)
SOME_OBSERVATION: st.SearchStrategy[Observation] = st.one_of(
    st.builds(PeopleObserved, TRACKS, AT, st.integers(0, 3), FACES, st.just("m@1")),
    st.builds(IdentityObserved, AT, st.none() | st.floats(-1, 1), st.none() | st.floats(-1, 1), st.just("m@1")),
    st.builds(
        PictureObserved, TRACKS, AT, st.floats(0, 255), st.floats(0, 20), st.floats(0, 9), st.sampled_from([0.0, 3.0])
    ),
    st.builds(
        SoundObserved,
        AT,
        st.sampled_from([500, 512, 100]),
        st.floats(-100, 0),
        st.sampled_from([0.0, 0.9]),
        st.just("m@1"),
    ),
    CLIENT_EVENTS.map(ClientObserved),
    st.builds(LinkEvent, st.sampled_from(LinkState), AT).map(LinkObserved),
    AT.map(Tick),
)


def at_time(observation: Any, at: MediaTime) -> Observation:  # noqa: ANN401 - one of the observation types
    if isinstance(observation, ClientObserved):
        return ClientObserved(ClientEvent(observation.event.kind, at, observation.event.detail))
    if isinstance(observation, LinkObserved):
        return LinkObserved(LinkEvent(observation.event.state, at))
    changed: Observation = type(observation)(
        **{name: getattr(observation, name) for name in type(observation).__slots__ if name != "at"}, at=at
    )
    return changed


@st.composite
def sittings(draw: st.DrawFn) -> list[Observation]:
    """Observations in order of time, with runs of the same one so that dwell times are reached."""
    observations: list[Observation] = []
    time_ms = 0
    stretches = st.tuples(SOME_OBSERVATION, st.integers(1, 15), st.sampled_from([0, 250, 500, 900, 5000]))
    for observation, repeat, step_ms in draw(st.lists(stretches, max_size=25)):
        for _ in range(repeat):
            time_ms += step_ms
            observations.append(at_time(observation, MediaTime(time_ms * NS_PER_MS)))
    return observations


def check(kind: SignalKind, signals: list[Signal], end: MediaTime) -> None:
    opened: Signal | None = None
    previous_end = -1
    ids = set()
    for signal in signals:
        assert signal.kind is kind
        assert 0 <= signal.confidence <= 1
        assert signal.why.text.kk
        if signal.end is None:
            assert opened is None
            assert previous_end <= signal.start <= signal.noticed
            assert signal.signal_id not in ids
            ids.add(signal.signal_id)
            opened = signal
        else:
            assert opened is not None
            assert (signal.signal_id, signal.start, signal.noticed) == (opened.signal_id, opened.start, opened.noticed)
            assert signal.start <= signal.end
            previous_end = signal.end
            opened = None
    assert opened is None
    assert previous_end <= end + 1000 * NS_PER_MS


@settings(max_examples=200)
@given(observations=sittings())
def test_each_rule_keeps_its_promises(observations: list[Observation]) -> None:
    end = max((observation.at for observation in observations), default=MediaTime(0))
    for kind, config in REGISTRY.default_configs().items():
        signals = run(REGISTRY[kind](config), observations, end)
        check(kind, signals, end)
        assert run(REGISTRY[kind](config), observations, end) == signals
