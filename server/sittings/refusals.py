"""Refusals of the candidate's steps, in words that say what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from proctor.domain.media import TrackKind
from server.problems import ProblemError
from server.sittings.states import SittingState

_ORDER: Final[Mapping[SittingState, tuple[str, str, str]]] = {
    SittingState.SCHEDULED: ("consent_missing", "The consent text has not been answered.", "Answer it first."),
    SittingState.CONSENTED: ("not_running", "The sitting has not started.", "Go through the steps and start."),
    SittingState.CHECKED: ("not_running", "The sitting has not started.", "Go through the steps and start."),
    SittingState.ENROLLED: ("not_running", "The sitting has not started.", "Start it first."),
    SittingState.RUNNING: ("already_running", "The sitting has already started.", "Go on with the exam."),
    SittingState.FINISHED: ("already_finished", "The sitting is finished.", "Nothing more is needed."),
    SittingState.REFUSED: (
        "consent_refused",
        "The consent was refused, so the exam cannot be taken here.",
        "Tell the examination office; it offers another way.",
    ),
}

_PHOTOGRAPHS: Final[Mapping[str, tuple[str, str]]] = {
    "no_face": ("There is no face in the photograph.", "Look straight into the camera and take it again."),
    "several_faces": ("There are several faces in the photograph.", "Be alone in the picture and take it again."),
    "face_too_small": ("The face is too small in the photograph.", "Come closer to the camera and take it again."),
    "too_dark": ("The photograph is too dark.", "Turn on a light in front of you and take it again."),
    "too_blurred": ("The photograph is blurred.", "Hold still, wipe the lens and take it again."),
    "face_turned": ("The face is turned away.", "Look straight into the camera and take it again."),
    "eyes_closed": ("The eyes are closed.", "Open your eyes and take it again."),
    "another_person": (
        "The photographs do not seem to show the same person.",
        "Take it again, alone and in good light, or begin again with the first photograph.",
    ),
    "bad_image": ("The picture cannot be read.", "Take the photograph again."),
}


def out_of_order(state: SittingState) -> ProblemError:
    """409: the step does not fit the state that the sitting is in."""
    code, detail, remedy = _ORDER[state]
    return ProblemError(409, code, detail, remedy=remedy)


def not_opened_yet() -> ProblemError:
    """409: the opening checks have not ended."""
    return ProblemError(
        409,
        "not_opened_yet",
        "The questions have not opened yet.",
        remedy="Do what is asked for first, or say that you cannot; the exam's time has not begun.",
    )


def media_not_arriving(missing: Sequence[TrackKind]) -> ProblemError:
    """409: the server does not receive what the policy requires."""
    names = ", ".join(track.value for track in missing)
    return ProblemError(
        409,
        "media_not_arriving",
        f"The server does not receive: {names}.",
        remedy="Allow the camera, the microphone and the whole screen, and check the network; then try again.",
    )


def refused_photograph(reason: str) -> ProblemError:
    """422: the identity photograph cannot be used."""
    code = reason if reason in _PHOTOGRAPHS else "bad_image"
    detail, remedy = _PHOTOGRAPHS[code]
    return ProblemError(422, code, detail, remedy=remedy)


def enough_photographs(most: int) -> ProblemError:
    """409: no further photograph is needed."""
    return ProblemError(
        409, "enough_photographs", f"There are {most} photographs already.", remedy="Go on to the next step."
    )


def document_not_asked() -> ProblemError:
    """409: the exam asks for no identity document."""
    return ProblemError(
        409, "document_not_asked", "This exam asks for no identity document.", remedy="Go on to the next step."
    )


def step_missing(code: str, detail: str, remedy: str) -> ProblemError:
    """409: a step before the start is missing."""
    return ProblemError(409, code, detail, remedy=remedy)


def too_many(code: str, wait_s: float) -> ProblemError:
    """429: more than any honest page asks for."""
    seconds = max(1, math.ceil(wait_s))
    return ProblemError(
        429,
        code,
        f"Too many tries; the next one is possible in {seconds} seconds.",
        remedy="Wait a moment; the page tries again by itself, or load it anew.",
        headers={"Retry-After": str(seconds)},
    )
