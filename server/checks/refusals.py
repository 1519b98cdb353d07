"""Refusals of guided checks, in words that say what to do."""

from __future__ import annotations

from proctor.domain.media import TrackKind
from server.problems import ProblemError


def not_running() -> ProblemError:
    """409: checks belong to running sittings."""
    return ProblemError(409, "not_running", "The sitting does not run.")


def check_open() -> ProblemError:
    """409: one at a time."""
    return ProblemError(
        409, "check_open", "Another check is open.", remedy="Wait until it has ended, or take it back first."
    )


def not_found() -> ProblemError:
    """404: the sitting was not asked for it."""
    return ProblemError(404, "check_not_found", "There is no such check in this sitting.")


def check_ended() -> ProblemError:
    """409: what has ended stays as it ended."""
    return ProblemError(409, "check_ended", "This check has ended.", remedy="Nothing more is needed.")


def check_begun() -> ProblemError:
    """409: it runs, with another camera."""
    return ProblemError(409, "check_begun", "This check has begun already.", remedy="Go on with it, or stop it.")


def not_begun() -> ProblemError:
    """409: there is nothing to stop."""
    return ProblemError(409, "check_not_begun", "This check has not begun.", remedy="Begin it, or decline it.")


def unsuited_track() -> ProblemError:
    """422: a challenge is done in front of the computer."""
    return ProblemError(422, "unsuited_track", "This check is done with the computer's camera.")


def track_not_arriving(track: TrackKind) -> ProblemError:
    """409: there is no picture to judge."""
    device = "the telephone" if track is TrackKind.PHONE else "the computer's camera"
    return ProblemError(
        409,
        "track_not_arriving",
        f"The server receives no picture from {device}.",
        remedy="Check that it is connected and allowed; then try again.",
    )


def perception_unavailable() -> ProblemError:
    """503: nobody could judge it."""
    return ProblemError(
        503,
        "perception_unavailable",
        "The pictures cannot be analysed at the moment.",
        remedy="Try again in a minute.",
    )
