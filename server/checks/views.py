"""Guided checks as pages get them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import structlog
from pydantic import TypeAdapter, ValidationError

from proctor.domain.time import to_ms
from server.checks.history import Check
from server.checks.schemas import (
    ChallengeFound,
    CheckResult,
    CheckTrack,
    CheckView,
    GazeCalibrationFound,
    RoomScanFound,
)

log = structlog.get_logger(__name__)

_Found = RoomScanFound | ChallengeFound | GazeCalibrationFound
_RESULT: Final[TypeAdapter[_Found]] = TypeAdapter(CheckResult)


def check_view(check: Check, *, asked_by: str | None = None, pictures_of: str | None = None) -> CheckView:
    """A check for its candidate; for watchers, with the name of who asked and the sitting whose picture may be seen."""
    ended = check.ended or {}
    picture = ended.get("picture_sha256")
    is_shown = picture is not None and pictures_of is not None
    return CheckView(
        check_id=check.check_id,
        check=check.kind,
        state=check.state,
        asked_at=check.asked_at,
        by_policy=check.asked_by is None,
        asked_by=asked_by,
        track=cast("CheckTrack | None", check.track),
        outcome=check.outcome,
        start_ms=ended.get("start_ms") if check.begun is None else to_ms(check.begun),
        end_ms=ended.get("end_ms"),
        result=_result(check, ended),
        picture_url=f"/api/sittings/{pictures_of}/pictures/{picture}.jpg" if is_shown else None,
    )


def _result(check: Check, ended: Mapping[str, Any]) -> _Found | None:
    result = ended.get("result")
    if not isinstance(result, Mapping):
        return None
    try:
        return _RESULT.validate_python({**result, "check": check.kind.value})
    except ValidationError as error:  # written by another version; the timeline has it as it was
        log.warning("check_result_unreadable", check=check.check_id, reason=str(error))
        return None
