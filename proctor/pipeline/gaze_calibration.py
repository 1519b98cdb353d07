"""The calibration of the gaze as a guided check: the face is measured while dots are shown, then the screen fitted."""

from __future__ import annotations

from typing import Any, Final

from proctor.challenge.calibration import END, GazeCalibration, calibrate
from proctor.challenge.judgement import FaceSample
from proctor.domain.guided import GuidedOutcome, GuidedSpec
from proctor.domain.media import Frame
from proctor.domain.time import NS_PER_MS, MediaTime
from proctor.pipeline.challenge import FaceSense, face_sample
from proctor.pipeline.guided_checks import Judging
from proctor.pipeline.outputs import CheckFinished


class GazeCalibrationCheck:
    """The eyes follow a dot to the edges of the screen."""

    is_over: Final = False

    def __init__(self, spec: GuidedSpec, faces: FaceSense) -> None:
        self._spec = spec
        self._faces = faces
        self._samples: list[FaceSample] = []
        self._model: str | None = None

    @property
    def ends_at(self) -> MediaTime:
        """The end of the last dot."""
        return MediaTime(self._spec.begun + END)

    def wants(self, at: MediaTime) -> bool:
        """Whether the picture lies within the calibration."""
        return at < self.ends_at

    def picture(self, frame: Frame) -> None:
        """Measure the face; where the dot is follows the sitting's clock, not its pictures."""
        sample, self._model = face_sample(self._faces, frame, self._spec.begun)
        self._samples.append(sample)

    def judging(self, at: MediaTime) -> Judging:
        """Fit the own screen to what came until `at`."""
        fitted = calibrate(self._samples, MediaTime(at - self._spec.begun))
        outcome = GuidedOutcome.CANNOT_TELL if fitted.screen is None else GuidedOutcome.MEASURED
        lines = _lines(fitted, self._spec.begun) | {"model": self._model}
        yield CheckFinished(self._spec.check_id, at, self._spec.begun, outcome, lines, screen=fitted.screen)


def _lines(fitted: GazeCalibration, begun: MediaTime) -> dict[str, Any]:
    screen = fitted.screen
    return {
        "left_deg": None if screen is None else _rounded(screen.left_deg),
        "right_deg": None if screen is None else _rounded(screen.right_deg),
        "left_edge_deg": _rounded(fitted.left_edge_deg),
        "right_edge_deg": _rounded(fitted.right_edge_deg),
        "wander_deg": _rounded(fitted.wander_deg),
        "cannot_tell": None if fitted.unmeasured is None else fitted.unmeasured.value,
        "dots": [
            {
                "kind": look.dot.place.value,
                "start_ms": (begun + look.dot.start) // NS_PER_MS,
                "end_ms": (begun + look.dot.end) // NS_PER_MS,
                "look_deg": _rounded(look.look_deg),
                "pictures": look.pictures,
            }
            for look in fitted.looks
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
