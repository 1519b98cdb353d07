"""Refusals on the telephone's side, with what the person can do about them."""

from __future__ import annotations

import math

from server.problems import ProblemError


def not_invited() -> ProblemError:
    """404: the secret or key opens nothing; why is not told, as anybody may ask."""
    return ProblemError(
        404,
        "phone_not_invited",
        "This invitation is used, has run out, or its exam is over.",
        remedy="Show a new QR code on the computer and scan it.",
    )


def not_running() -> ProblemError:
    """409: telephones take part in sittings that run."""
    return ProblemError(409, "not_running", "The sitting does not run.")


def bad_offer(error: Exception) -> ProblemError:
    """422: the telephone's offer cannot be used."""
    return ProblemError(
        422,
        "bad_sdp",
        f"The connection offer cannot be used: {error}",
        remedy="Load the page again; if it happens again, use another browser.",
    )


def no_address(error: Exception) -> ProblemError:
    """503: the server has no address for media."""
    return ProblemError(503, "no_media_address", str(error), remedy="Tell the administrator.")


def too_many(wait_s: float) -> ProblemError:
    """429: more than any honest page asks for."""
    seconds = max(1, math.ceil(wait_s))
    return ProblemError(
        429,
        "too_many_requests",
        f"Too many tries; the next one is possible in {seconds} seconds.",
        remedy="Wait a moment and try again.",
        headers={"Retry-After": str(seconds)},
    )
