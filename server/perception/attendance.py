"""What the server remembers of a sitting under analysis, so that another worker can take it over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from proctor.correlation.incidents import IncidentChange
from proctor.domain.documents import DocumentObserved
from proctor.domain.guided import GuidedSpec
from proctor.domain.incidents import Incident
from proctor.domain.media import ClientEvent, ClientEventKind, LinkEvent, TrackKind
from proctor.domain.observations import ScreenZone
from proctor.domain.signals import Signal
from proctor.domain.time import SITTING_START, MediaTime
from proctor.pipeline.channel import KeyFrameGate
from server.perception.protocol import CheckDone, IncidentChanged, Open, PerceptionResult, SignalChanged, interrupted

Cause = Literal["crashed", "hung"]

_TRACKS: Final = frozenset(TrackKind)
PICTURE_TRACKS: Final = (TrackKind.CAMERA, TrackKind.SCREEN, TrackKind.PHONE)
"""Tracks whose pictures are analysed."""
STATE_OF: dict[ClientEventKind, str] = {
    ClientEventKind.FOCUS_LOST: "focus",
    ClientEventKind.FOCUS_GAINED: "focus",
    ClientEventKind.TAB_HIDDEN: "tab",
    ClientEventKind.TAB_VISIBLE: "tab",
    ClientEventKind.FULLSCREEN_LEFT: "fullscreen",
    ClientEventKind.FULLSCREEN_ENTERED: "fullscreen",
    ClientEventKind.SCREEN_SHARE_STOPPED: "screen_share",
    ClientEventKind.SCREEN_SHARE_STARTED: "screen_share",
    ClientEventKind.DISPLAYS_CHANGED: "displays",
    ClientEventKind.TRACK_MUTED: "track",
    ClientEventKind.TRACK_UNMUTED: "track",
    ClientEventKind.TRACK_ENDED: "track",
}
"""Events that set a lasting state, by the state; the last one of each is told to a worker that takes over."""


class CheckPendingError(ValueError):
    """Another check of the sitting has not ended."""


@dataclass(slots=True)
class Losses:
    """Media that could not be handed to a worker since the last report."""

    pictures: int = 0
    sounds: int = 0


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(slots=True)
class Attendance:
    """One sitting, as long as it is analysed."""

    sitting_id: str
    policy_toml: str
    enrolment: tuple[bytes, ...]
    media_now: Callable[[], MediaTime]
    worker: int
    """Index of the worker that has it."""
    epoch: int = 0
    """How many workers, or servers, had this sitting before."""
    document: DocumentObserved | None = None
    """What became of the identity document; told to the first worker only, which says it on the timeline."""
    screen: ScreenZone | None = None
    """The candidate's own, where the gaze was calibrated; told to every worker."""
    sent: bool = False
    """Whether the present worker has been told to open it."""
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    closing_at: MediaTime | None = None
    analysed_to: MediaTime = SITTING_START
    interrupted: tuple[MediaTime, Cause] | None = None
    gates: dict[TrackKind, KeyFrameGate] = field(
        default_factory=lambda: {track: KeyFrameGate() for track in PICTURE_TRACKS}
    )
    key_frame_asked_s: dict[TrackKind, float] = field(default_factory=dict)
    seen: set[TrackKind] = field(default_factory=lambda: {TrackKind.CAMERA})
    """Picture tracks that a worker has to be able to decode."""
    losses: Losses = field(default_factory=Losses)
    losses_from: MediaTime = SITTING_START
    _signals: dict[str, Signal] = field(default_factory=dict)
    _incidents: dict[str, Incident] = field(default_factory=dict)
    _states: dict[str, ClientEvent] = field(default_factory=dict)
    _link: LinkEvent | None = None
    _check: GuidedSpec | None = None
    _is_free: asyncio.Event = field(default_factory=_set)

    @property
    def check(self) -> GuidedSpec | None:
        """The guided check that runs, or that the worker has not told the end of."""
        return self._check

    def begin_check(self, spec: GuidedSpec) -> None:
        """Let a guided check run.

        Raises:
            CheckPendingError: another one has not ended.
        """
        if self._check is not None:
            raise CheckPendingError(f"check {self._check.check_id} of sitting {self.sitting_id} has not ended")
        self._check = spec
        self._is_free.clear()

    async def free_for_check(self, within_s: float) -> None:
        """Return when a worker has the sitting and no check runs, or after so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not (self.opened.is_set() and self._is_free.is_set()):
                    await self.opened.wait()
                    await self._is_free.wait()

    def opening(self) -> Open:
        """The message that makes a worker open it, at its present media time."""
        return Open(
            sitting_id=self.sitting_id,
            policy=self.policy_toml,
            enrolment=self.enrolment,
            start=MediaTime(max(SITTING_START, self.media_now())),
            epoch=self.epoch,
            document=None if self.epoch else self.document,
            screen=self.screen,
        )

    def note(self, result: PerceptionResult) -> None:
        """Remember what is open."""
        if isinstance(result, SignalChanged):
            if result.signal.end is None:
                self._signals[result.signal.signal_id] = result.signal
            else:
                self._signals.pop(result.signal.signal_id, None)
        elif isinstance(result, IncidentChanged):
            if result.change is IncidentChange.CLOSED:
                self._incidents.pop(result.incident.incident_id, None)
            else:
                self._incidents[result.incident.incident_id] = result.incident
        elif isinstance(result, CheckDone):
            self.screen = result.finished.screen or self.screen
            self._end_check()

    def interrupt(self, cause: Cause) -> Iterator[PerceptionResult]:
        """The worker died: end what it had open at the time up to which it had analysed."""
        start = self.analysed_to if self.interrupted is None else self.interrupted[0]
        self.interrupted = (start, cause)
        self.epoch += 1
        self.sent = False
        self.opened.clear()
        for gate in self.gates.values():
            gate.lose()
        yield from self.end_open(start)

    def end_open(self, at: MediaTime) -> Iterator[PerceptionResult]:
        """End what is open at `at`, in place of the worker that cannot."""
        ended = {key: replace(signal, end=max(at, signal.noticed)) for key, signal in self._signals.items()}
        yield from map(SignalChanged, ended.values())
        for incident in self._incidents.values():
            signals = tuple(ended.get(signal.signal_id, signal) for signal in incident.signals)
            end = max(at, *(signal.end for signal in signals if signal.end is not None))
            yield IncidentChanged(IncidentChange.CLOSED, replace(incident, end=end, signals=signals))
        self._signals.clear()
        self._incidents.clear()
        spec = self._end_check()
        if spec is not None:
            yield interrupted(spec, at)

    def _end_check(self) -> GuidedSpec | None:
        """The check that ran until now."""
        spec, self._check = self._check, None
        self._is_free.set()
        return spec

    def remember_event(self, event: ClientEvent) -> None:
        """Keep an event that sets a lasting state."""
        state = STATE_OF.get(event.kind)
        if event.kind is ClientEventKind.PAGE_CLOSING:
            self._states.clear()
        elif state is not None:
            track = event.detail.get("track")
            # A browser can name anything; only what a rule may ask for is worth keeping.
            self._states[f"{state}:{track}" if track in _TRACKS else state] = event

    def remember_link(self, event: LinkEvent) -> None:
        """Keep the last state of the connection."""
        self._link = event

    def present_state(self, at: MediaTime) -> tuple[list[ClientEvent], LinkEvent | None]:
        """What a worker that takes over at `at` has to know."""
        events = [replace(event, at=at) for event in self._states.values()]
        return events, None if self._link is None else replace(self._link, at=at)
