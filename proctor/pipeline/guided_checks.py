"""The guided checks themselves: what each does with its pictures, and how it is judged.

A judgement is a generator, so that its costly steps can be spread: each step yields what came out of it, the last one
the `CheckFinished`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any, Final, Protocol

import cv2

from proctor.challenge.judgement import ChallengeResult, FaceSample, Outcome, judge
from proctor.challenge.tasks import draw
from proctor.domain.guided import GuidedOutcome, GuidedSpec
from proctor.domain.media import Frame
from proctor.domain.observations import RoomScanObserved
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime, to_ms
from proctor.pipeline.challenge import FaceSense, face_sample
from proctor.pipeline.onset import encode_jpeg
from proctor.pipeline.outputs import CheckFinished, CheckProgressed
from proctor.pipeline.room_scan import RoomInspector, RoomMet, observed, outcome_of, thing_line
from proctor.roomscan.coverage import FULL_DEG, Sector
from proctor.roomscan.encounters import Encounter
from proctor.roomscan.panorama import Panorama
from proctor.roomscan.scan import MODEL, RoomScan, RoomScanResult, ScanProgress

MOST_KEYS: Final = 100
"""Two turns and more; what another key picture costs grows with their number, and other sittings wait meanwhile."""
TOLD_EVERY: Final = NS_PER_S // 4
PANORAMA_QUALITY: Final = 85

Step = RoomScanObserved | CheckFinished | None
Judging = Generator[Step, None, None]
"""None where a step is done that nobody needs to hear of."""


class GuidedCheck(Protocol):
    """One check of one sitting."""

    @property
    def is_over(self) -> bool:
        """Whether it needs no more pictures."""
        ...

    @property
    def ends_at(self) -> MediaTime | None:
        """When it ends by itself; None where its pictures decide."""
        ...

    def wants(self, at: MediaTime) -> bool:
        """Whether it would look at a picture of that time."""
        ...

    def picture(self, frame: Frame) -> CheckProgressed | None:
        """Look at a picture; what to tell the person, if anything."""
        ...

    def judging(self, at: MediaTime) -> Judging:
        """Judge what came until `at`."""
        ...


class RoomScanCheck:
    """The camera is turned round the room."""

    ends_at: Final = None

    def __init__(self, spec: GuidedSpec, inspector: Callable[[], RoomInspector]) -> None:
        self._spec = spec
        self._inspector = inspector
        self._scan = RoomScan(required_deg=spec.required_deg, most_keys=MOST_KEYS)
        self._told: CheckProgressed | None = None
        self._is_complete = False

    @property
    def is_over(self) -> bool:
        """Whether the whole room was shown, or more pictures than can be judged."""
        return self._is_complete or self._scan.is_full

    def wants(self, at: MediaTime) -> bool:
        """Whether the picture comes late enough after the last."""
        return self._scan.wants(at)

    def picture(self, frame: Frame) -> CheckProgressed | None:
        """Follow the turn; told at most four times a second, and whenever the hints change."""
        progress = self._scan.add(frame)
        self._is_complete = progress.is_complete
        told, before = _told(self._spec.check_id, progress), self._told
        is_news = before is None or before.hints != told.hints or told.at - before.at >= TOLD_EVERY
        if not is_news and not self.is_over:
            return None
        self._told = told
        return told

    def judging(self, at: MediaTime) -> Judging:
        """Judge the turn, tell the rules, then look through the key pictures."""
        result = self._scan.finish()
        yield replace(observed(result, self._spec.track), since=self._spec.begun, at=at)
        inspection = self._inspector().inspection(result.key_pictures)
        while True:
            try:
                next(inspection)
            except StopIteration as done:
                met: RoomMet = done.value
                break
            yield None
        yield CheckFinished(
            self._spec.check_id,
            at,
            self._spec.begun,
            outcome_of(result),
            _scan_lines(result, met, self._spec.required_deg),
            None if met.panorama is None else _panorama_jpeg(met.panorama),
        )


class ChallengeCheck:
    """The head turns as asked, and the screen's colours show on the skin."""

    is_over: Final = False

    def __init__(self, spec: GuidedSpec, faces: FaceSense) -> None:
        self._spec = spec
        self._faces = faces
        self._challenge = draw(spec.seed)
        self._samples: list[FaceSample] = []
        self._model: str | None = None

    @property
    def ends_at(self) -> MediaTime:
        """The end of the rest after the last task."""
        return MediaTime(self._spec.begun + self._challenge.end)

    def wants(self, at: MediaTime) -> bool:
        """Whether the picture lies within the challenge."""
        return at < self.ends_at

    def picture(self, frame: Frame) -> None:
        """Measure the face; what is asked for follows the sitting's clock, not its pictures."""
        sample, self._model = face_sample(self._faces, frame, self._spec.begun)
        self._samples.append(sample)

    def judging(self, at: MediaTime) -> Judging:
        """Judge the tasks; one that was stopped before its last task cannot be passed."""
        result = judge(self._challenge, self._samples)
        outcome = GuidedOutcome(result.outcome.value)
        was_cut = at < self._spec.begun + self._challenge.tasks[-1].end
        if was_cut and result.outcome is Outcome.PASSED:
            outcome = GuidedOutcome.CANNOT_TELL
        lines = _challenge_lines(result, self._spec.begun) | {"model": self._model}
        yield CheckFinished(self._spec.check_id, at, self._spec.begun, outcome, lines)


def _told(check_id: str, progress: ScanProgress) -> CheckProgressed:
    return CheckProgressed(
        check_id,
        progress.at,
        coverage_deg=round(progress.coverage_deg, 1),
        yaw_deg=round(progress.yaw_deg, 1),
        missed=tuple(dict.fromkeys(sector.side.value for sector in progress.missed)),
        hints=tuple(hint.value for hint in progress.hints),
    )


def _scan_lines(result: RoomScanResult, met: RoomMet, required_deg: float) -> dict[str, Any]:
    return {
        "coverage_deg": round(result.coverage_deg, 1),
        "least_deg": round(result.least_deg, 1),
        "required_deg": required_deg,
        "is_complete": result.is_complete,
        "is_closed": result.is_closed,
        "cannot_tell": None if result.cannot_tell is None else result.cannot_tell.value,
        "missed": [_missed_line(sector) for sector in result.missed],
        "untold": [_missed_line(sector) for sector in result.untold],
        "view_deg": round(result.view_deg, 1),
        "people": [_met_line(each) for each in met.people],
        "objects": [_met_line(each) for each in met.objects],
        "pictures": result.pictures,
        "model": MODEL,
    }


def _missed_line(sector: Sector) -> dict[str, Any]:
    to_deg = (sector.from_deg + sector.width_deg) % FULL_DEG if sector.width_deg < FULL_DEG else float(FULL_DEG)
    return {"from_deg": sector.from_deg, "to_deg": to_deg, "side": sector.side.value}


def _met_line(met: Encounter) -> dict[str, Any]:
    return thing_line(met) | {"at_ms": to_ms(met.at)}


def _challenge_lines(result: ChallengeResult, begun: MediaTime) -> dict[str, Any]:
    return {
        "tasks": [
            {
                "kind": each.task.kind.value,
                "start_ms": (begun + each.task.start) // NS_PER_MS,
                "end_ms": (begun + each.task.end) // NS_PER_MS,
                "outcome": each.outcome.value,
                "measured": None if each.measured is None else round(each.measured, 4),
            }
            for each in result.tasks
        ]
    }


def _panorama_jpeg(panorama: Panorama) -> bytes:
    return encode_jpeg(cv2.cvtColor(panorama.rgb, cv2.COLOR_RGB2BGR), PANORAMA_QUALITY)
