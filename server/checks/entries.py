"""Entries of guided checks, and those that end them."""

from __future__ import annotations

from proctor.challenge.calibration import DOTS, Dot
from proctor.challenge.tasks import Task, draw
from proctor.domain.guided import HINTS_FADE, RESTING_WITH, GuidedKind, GuidedOutcome, GuidedSpec
from proctor.domain.media import LinkState, TrackKind
from proctor.domain.time import MediaTime, to_ms
from proctor.domain.timeline import Entry, EntryKind, JsonValue
from server.checks.history import Check


def begin_payload(spec: GuidedSpec) -> dict[str, JsonValue]:
    """What the entry of a check's beginning says.

    Of a challenge also the seed and the tasks that it gives, as times of the sitting: whoever looks at an appeal can
    draw them again, and knows what was asked even where a later release draws otherwise. Of a calibration where the
    dot was.
    """
    payload: dict[str, JsonValue] = {
        "check_id": spec.check_id,
        "check": spec.kind.value,
        "track": spec.track.value,
        "resting": [kind.value for kind in RESTING_WITH[spec.kind]],
    }
    if spec.kind is GuidedKind.GAZE_CALIBRATION:
        return payload | {"dots": [_asked(spec, dot.place.value, dot) for dot in DOTS]}
    if spec.kind is not GuidedKind.CHALLENGE:
        return payload
    asked: list[JsonValue] = [_asked(spec, task.kind.value, task) for task in draw(spec.seed).tasks]
    return payload | {"seed": spec.seed.hex(), "tasks": asked}


def end_payload(
    check: Check, spec: GuidedSpec | None, outcome: GuidedOutcome, since: MediaTime | None, at: MediaTime
) -> dict[str, JsonValue]:
    """What the entry of a check's end says of the check itself; `spec` is that of the sitting's running check."""
    is_its = spec is not None and spec.check_id == check.check_id
    track = spec.track if spec is not None and is_its else check.track
    rests = bool(RESTING_WITH[check.kind])
    return {
        "check_id": check.check_id,
        "check": check.kind.value,
        "outcome": outcome.value,
        "track": None if track is None else track.value,
        "start_ms": None if since is None else to_ms(since),
        "end_ms": None if since is None else to_ms(max(since, at)),
        "rested_until_ms": to_ms(MediaTime(max(since, at) + HINTS_FADE)) if since is not None and rests else None,
    }


def _asked(spec: GuidedSpec, kind: str, asked: Task | Dot) -> dict[str, JsonValue]:
    return {
        "kind": kind,
        "start_ms": to_ms(MediaTime(spec.begun + asked.start)),
        "end_ms": to_ms(MediaTime(spec.begun + asked.end)),
    }


def track_gone(entry: Entry) -> TrackKind | None:
    """The camera that an entry tells the loss of."""
    if entry.kind == EntryKind.PHONE_LEFT:
        return TrackKind.PHONE
    if entry.kind == EntryKind.LINK_EVENT and entry.payload.get("state") == LinkState.LOST.value:
        return TrackKind.CAMERA
    return None
