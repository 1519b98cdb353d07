from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest

from proctor.challenge.calibration import DOTS
from proctor.challenge.tasks import draw
from proctor.domain.guided import GuidedKind, GuidedOutcome
from proctor.domain.media import TrackKind
from proctor.domain.observations import ScreenZone
from proctor.domain.time import MediaTime, media_time_from_ms, to_ms
from proctor.domain.timeline import EntryKind
from proctor.pipeline.outputs import CheckFinished, CheckJudged, CheckProgressed
from proctor.roomscan.coverage import Side
from proctor.roomscan.hints import Hint
from proctor.roomscan.scan import CannotTell
from server.checks.book import CheckBook
from server.checks.checking import BEGUN_WITHIN, ENDED_WITHIN, JUDGED_WITHIN
from server.checks.history import Check
from server.checks.schemas import (
    CheckMessage,
    CheckProgressMessage,
    CheckState,
    GazeCalibrationFound,
    HintName,
    RoomScanFound,
    SideName,
    Untold,
)
from server.checks.views import check_view
from server.identity.known import known_identity
from server.problems import ProblemError
from server.storage.blobs import LocalBlobs
from tests.unit.server.guided import REQUIRED_DEG, SITTING, Guided, guided

SCANNED: dict[str, Any] = {
    "coverage_deg": 301.5,
    "required_deg": REQUIRED_DEG,
    "is_complete": True,
    "is_closed": True,
    "cannot_tell": None,
    "missed": [{"from_deg": 10.0, "to_deg": 68.5, "side": "front"}],
    "view_deg": 61.0,
    "people": [{"label": "person", "score": 0.9, "yaw_deg": 120.0, "at_ms": 9_000}],
    "objects": [],
    "pictures": 80,
    "model": "roomscan@2",
}
CALIBRATED: dict[str, Any] = {
    "left_deg": 12.5,
    "right_deg": 11.0,
    "left_edge_deg": 9.5,
    "right_edge_deg": 8.0,
    "wander_deg": 0.8,
    "cannot_tell": None,
    "dots": [{"kind": "gaze_middle", "start_ms": 5_000, "end_ms": 6_800, "look_deg": 0.4, "pictures": 4}],
    "model": "faces@1",
}


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Guided]:
    async with guided(tmp_path) as made:
        yield made


async def begun(parts: Guided, kind: GuidedKind = GuidedKind.ROOM_SCAN, asked_by: str | None = "watcher") -> Check:
    check = await parts.checking.ask(SITTING, kind, asked_by)
    parts.clock.advance(5)
    return await parts.checking.begin(SITTING, check.check_id, TrackKind.CAMERA)


def judged(check: Check, outcome: GuidedOutcome, jpeg: bytes | None = None) -> CheckFinished:
    assert check.begun is not None
    return CheckFinished(check.check_id, MediaTime(check.begun + 10**9), check.begun, outcome, SCANNED, jpeg)


async def refused(parts: Guided, work: Awaitable[Check]) -> tuple[int, str]:
    before = len(await parts.entries())
    with pytest.raises(ProblemError) as refusal:
        await work
    assert len(await parts.entries()) == before, "what is refused leaves no entry"
    return refusal.value.status, refusal.value.code


async def test_a_check_goes_from_asked_over_begun_to_its_result(parts: Guided) -> None:
    check = await begun(parts)
    (spec,) = parts.judges.begun
    assert (spec.kind, spec.track, spec.required_deg) == (GuidedKind.ROOM_SCAN, TrackKind.CAMERA, REQUIRED_DEG)
    assert check.state is CheckState.BEGUN
    assert to_ms(spec.begun) == 5_000

    await parts.checking.finished(SITTING, judged(check, GuidedOutcome.COMPLETE, b"panorama"))
    assert (check.outcome, parts.pictures) == (GuidedOutcome.COMPLETE, [b"panorama"])
    kinds = [entry.kind for entry in await parts.entries()]
    assert kinds == [EntryKind.CHECK_ASKED, EntryKind.CHECK_BEGUN, EntryKind.CHECK_ENDED]

    _, beginning, ending = await parts.entries()
    assert beginning.payload["resting"] == ["speech", "whisper", "second_voice"]
    assert (ending.payload["end_ms"], ending.payload["rested_until_ms"]) == (6_000, 8_000)

    view = check_view(check, asked_by="Aigul", pictures_of=SITTING)
    assert (view.start_ms, view.end_ms, view.by_policy) == (5_000, 6_000, False)
    assert isinstance(view.result, RoomScanFound)
    assert view.result.people[0].at_ms == 9_000
    assert (view.result.least_deg, view.result.untold) == (None, []), "as an earlier release wrote it"
    assert view.picture_url is not None
    assert check_view(check).picture_url is None, "pictures are for watchers"
    states = [told.check.state for told in parts.pushed if isinstance(told, CheckMessage) and told.check]
    assert states == [CheckState.ASKED, CheckState.BEGUN, CheckState.ENDED], "the page hears of each step once durable"


async def test_only_one_check_is_open(parts: Guided) -> None:
    first = await parts.checking.ask(SITTING, GuidedKind.CHALLENGE, "watcher")
    again = parts.checking.ask(SITTING, GuidedKind.ROOM_SCAN, "watcher")
    assert await refused(parts, again) == (409, "check_open")
    await parts.checking.end(SITTING, first.check_id, GuidedOutcome.WITHDRAWN, "watcher")
    assert parts.judges.begun == []
    await parts.checking.ask(SITTING, GuidedKind.ROOM_SCAN, "watcher")
    parts.media.is_running = False
    assert await refused(parts, parts.checking.ask(SITTING, GuidedKind.ROOM_SCAN, "w")) == (409, "not_running")


async def test_a_check_begins_only_where_it_can_be_judged(parts: Guided) -> None:
    check = await parts.checking.ask(SITTING, GuidedKind.CHALLENGE, "watcher")

    async def begin(track: TrackKind, check_id: str = check.check_id) -> tuple[int, str]:
        return await refused(parts, parts.checking.begin(SITTING, check_id, track))

    assert await begin(TrackKind.CAMERA, "another") == (404, "check_not_found")
    assert await begin(TrackKind.PHONE) == (422, "unsuited_track")
    parts.media.arriving[TrackKind.CAMERA] = False
    assert await begin(TrackKind.CAMERA) == (409, "track_not_arriving")
    parts.media.arriving[TrackKind.CAMERA] = True
    parts.judges.is_there = False
    assert await begin(TrackKind.CAMERA) == (503, "perception_unavailable")
    parts.judges.is_there = True

    assert await parts.checking.begin(SITTING, check.check_id, TrackKind.CAMERA) is check
    assert await parts.checking.begin(SITTING, check.check_id, TrackKind.CAMERA) is check, "asked twice, begun once"
    assert await begin(TrackKind.PHONE) == (409, "check_begun")
    assert [spec.check_id for spec in parts.judges.begun] == [check.check_id]
    assert len(parts.judges.begun[0].seed) >= 16


async def test_a_calibration_of_the_gaze_leaves_its_dots_its_limits_and_is_known_after_a_restart(
    parts: Guided, tmp_path: Path
) -> None:
    async def known() -> ScreenZone | None:
        blobs = LocalBlobs(tmp_path / "blobs")
        return (await known_identity(parts.timeline, blobs, SITTING, with_document=False)).screen

    check = await begun(parts, GuidedKind.GAZE_CALIBRATION, None)
    (spec,) = parts.judges.begun
    assert (spec.kind, spec.track) == (GuidedKind.GAZE_CALIBRATION, TrackKind.CAMERA)
    _, beginning = await parts.entries()
    dots = [(dot["kind"], dot["start_ms"]) for dot in beginning.payload["dots"]]  # type: ignore[union-attr,index,call-overload]
    assert dots == [(dot.place.value, 5_000 + to_ms(dot.start)) for dot in DOTS]
    assert await known() is None
    done = CheckFinished(check.check_id, MediaTime(20 * 10**9), spec.begun, GuidedOutcome.MEASURED, CALIBRATED)
    await parts.checking.finished(SITTING, done)
    view = check_view(check)
    assert (view.outcome, view.by_policy) == (GuidedOutcome.MEASURED, True)
    assert isinstance(view.result, GazeCalibrationFound)
    assert (view.result.left_deg, view.result.cannot_tell, view.result.dots[0].look_deg) == (12.5, None, 0.4)
    assert await known() == ScreenZone(12.5, 11.0)

    again = await begun(parts, GuidedKind.GAZE_CALIBRATION)
    await parts.checking.decline(SITTING, again.check_id)
    assert again.outcome is GuidedOutcome.LEFT_OUT, "nobody has to do it"
    assert await known() == ScreenZone(12.5, 11.0), "what was left out changes nothing"
    challenge = await parts.checking.ask(SITTING, GuidedKind.CHALLENGE, "watcher")
    assert (await parts.checking.decline(SITTING, challenge.check_id)).outcome is GuidedOutcome.DECLINED


async def test_what_a_challenge_asks_can_be_drawn_again_from_its_entry(parts: Guided) -> None:
    check = await begun(parts, GuidedKind.CHALLENGE)
    (spec,) = parts.judges.begun
    _, entry = await parts.entries()
    drawn = draw(bytes.fromhex(str(entry.payload["seed"])))
    assert drawn == draw(spec.seed)
    begun_ms = to_ms(check.begun or MediaTime(0))
    assert entry.payload["tasks"] == [
        {"kind": task.kind, "start_ms": begun_ms + to_ms(task.start), "end_ms": begun_ms + to_ms(task.end)}
        for task in drawn.tasks
    ]
    assert entry.payload["resting"] == []
    told = [message.model_dump_json() for message in parts.pushed]
    assert not any(spec.seed.hex() in message for message in told), "the candidate's page must not know what comes"


async def test_a_check_waits_for_the_worker_before_it_is_refused(parts: Guided) -> None:
    check = await parts.checking.ask(SITTING, GuidedKind.ROOM_SCAN, "watcher")
    parts.judges.is_busy = True
    begin = parts.checking.begin
    assert await refused(parts, begin(SITTING, check.check_id, TrackKind.CAMERA)) == (409, "check_open")

    async def freed() -> None:
        parts.judges.is_busy = False

    parts.judges.meanwhile = freed
    assert (await begin(SITTING, check.check_id, TrackKind.CAMERA)).state is CheckState.BEGUN


async def test_a_check_can_be_withdrawn_while_its_beginning_waits(parts: Guided) -> None:
    check = await parts.checking.ask(SITTING, GuidedKind.ROOM_SCAN, "watcher")
    parts.judges.is_there = False
    end = partial(parts.checking.end, SITTING, check.check_id, GuidedOutcome.WITHDRAWN, "watcher")
    parts.judges.meanwhile = end
    with pytest.raises(ProblemError) as refusal:
        await parts.checking.begin(SITTING, check.check_id, TrackKind.CAMERA)
    assert (refusal.value.status, refusal.value.code) == (409, "check_ended")
    assert check.outcome is GuidedOutcome.WITHDRAWN


async def test_a_declined_check_ends_at_once_and_what_the_judge_tells_later_changes_nothing(parts: Guided) -> None:
    check = await begun(parts)
    await parts.checking.end(SITTING, check.check_id, GuidedOutcome.DECLINED)
    assert parts.judges.ended == [(check.check_id, GuidedOutcome.DECLINED)]
    await parts.checking.finished(SITTING, judged(check, GuidedOutcome.COMPLETE, b"panorama"))
    assert check.outcome is GuidedOutcome.DECLINED
    assert check.ended is not None
    assert (check.ended["result"], check.ended["start_ms"], check.ended["end_ms"]) == (None, 5_000, 5_000)
    again = parts.checking.end(SITTING, check.check_id, GuidedOutcome.WITHDRAWN, "watcher")
    assert await refused(parts, again) == (409, "check_ended")
    assert parts.pictures == []


async def test_a_stopped_check_is_judged_once(parts: Guided) -> None:
    check = await parts.checking.ask(SITTING, GuidedKind.ROOM_SCAN, "watcher")
    assert await refused(parts, parts.checking.stop(SITTING, check.check_id)) == (409, "check_not_begun")
    await parts.checking.begin(SITTING, check.check_id, TrackKind.CAMERA)
    for _ in range(2):
        await parts.checking.stop(SITTING, check.check_id)
    assert parts.judges.ended == [(check.check_id, None)]
    assert check.state is CheckState.BEGUN
    parts.clock.advance(JUDGED_WITHIN.total_seconds() + 1)
    await parts.checking.sweep()
    assert check.outcome is GuidedOutcome.INTERRUPTED, "nobody judged it"


async def test_a_check_whose_result_cannot_be_written_is_interrupted_with_the_next_sweep(parts: Guided) -> None:
    check = await begun(parts)
    await parts.checking.stop(SITTING, check.check_id)
    unwritable = replace(judged(check, GuidedOutcome.COMPLETE), result={"coverage_deg": float("nan")})
    await parts.checking.finished(SITTING, unwritable)
    assert check.state is CheckState.BEGUN
    await parts.checking.sweep()
    assert check.outcome is GuidedOutcome.INTERRUPTED


async def test_what_takes_too_long_expires(parts: Guided) -> None:
    check = await begun(parts)
    parts.clock.advance(ENDED_WITHIN.total_seconds() - 1)
    await parts.checking.sweep()
    assert check.state is CheckState.BEGUN
    parts.clock.advance(2)
    await parts.checking.sweep()
    assert check.outcome is GuidedOutcome.EXPIRED
    by_policy = await parts.checking.ask(SITTING, GuidedKind.ROOM_SCAN, None)
    parts.clock.advance(BEGUN_WITHIN.total_seconds() + 1)
    await parts.checking.sweep()
    assert by_policy.outcome is GuidedOutcome.EXPIRED
    by_invigilator = await parts.checking.ask(SITTING, GuidedKind.ROOM_SCAN, "watcher")
    parts.clock.advance(2 * BEGUN_WITHIN.total_seconds())
    await parts.checking.sweep()
    assert by_invigilator.state is CheckState.ASKED, "it keeps nothing closed; whoever asked may withdraw it"


def shown(check: Check, degrees: float) -> CheckProgressed:
    return CheckProgressed(check.check_id, MediaTime(1), degrees, degrees)


async def test_a_room_shown_in_time_is_judged_however_long_that_takes(parts: Guided) -> None:
    check = await begun(parts)
    assert check.begun is not None
    parts.clock.advance(ENDED_WITHIN.total_seconds() - 1)
    for _ in range(4):
        parts.checking.judged(SITTING, CheckJudged(check.check_id, check.begun))
        parts.clock.advance(JUDGED_WITHIN.total_seconds() - 1)
        await parts.checking.sweep()
        assert check.state is CheckState.BEGUN
    await parts.timeline.append(SITTING, EntryKind.LINK_EVENT, {"state": "lost"}, MediaTime(1))
    await parts.checking.settled()
    assert check.state is CheckState.BEGUN, "no more pictures are needed"
    await parts.checking.finished(SITTING, judged(check, GuidedOutcome.COMPLETE))
    assert check.outcome is GuidedOutcome.COMPLETE


async def test_a_judgement_that_stands_still_is_interrupted(parts: Guided) -> None:
    check = await begun(parts)
    assert check.begun is not None
    parts.checking.judged(SITTING, CheckJudged(check.check_id, check.begun))
    parts.checking.judged(SITTING, CheckJudged("another", check.begun))
    parts.clock.advance(JUDGED_WITHIN.total_seconds() + 1)
    await parts.checking.sweep()
    assert check.outcome is GuidedOutcome.INTERRUPTED


async def test_time_counts_from_the_last_new_degree_of_the_room(parts: Guided) -> None:
    check = await begun(parts)
    parts.clock.advance(240)
    parts.checking.moved(SITTING, shown(check, 200))
    parts.clock.advance(ENDED_WITHIN.total_seconds() - 1)
    parts.checking.moved(SITTING, shown(check, 200.5))
    await parts.checking.sweep()
    assert check.state is CheckState.BEGUN
    parts.clock.advance(2)
    await parts.checking.sweep()
    assert check.outcome is GuidedOutcome.EXPIRED, "a camera that stands still shows nothing new"


@pytest.mark.parametrize(
    ("track", "kind", "payload"),
    [
        (TrackKind.CAMERA, EntryKind.LINK_EVENT, {"state": "lost"}),
        (TrackKind.PHONE, EntryKind.PHONE_LEFT, {"leg": 3}),
    ],
)
async def test_a_check_is_interrupted_when_its_camera_goes(
    parts: Guided, track: TrackKind, kind: EntryKind, payload: dict[str, Any]
) -> None:
    parts.media.arriving[TrackKind.PHONE] = True
    check = await parts.checking.ask(SITTING, GuidedKind.ROOM_SCAN, "watcher")
    await parts.checking.begin(SITTING, check.check_id, track)
    other = {"state": "lost"} if track is TrackKind.PHONE else {"leg": 3}
    other_kind = EntryKind.LINK_EVENT if track is TrackKind.PHONE else EntryKind.PHONE_LEFT
    await parts.timeline.append(SITTING, other_kind, other, MediaTime(1))
    await parts.checking.settled()
    assert check.state is CheckState.BEGUN, "the other camera's loss is none of its business"
    await parts.timeline.append(SITTING, kind, payload, MediaTime(1))
    await parts.checking.settled()
    assert check.outcome is GuidedOutcome.INTERRUPTED


async def test_a_restarted_server_interrupts_what_ran_and_keeps_what_was_only_asked_for(parts: Guided) -> None:
    asked = await parts.checking.ask(SITTING, GuidedKind.CHALLENGE, "watcher")
    await parts.checking.leave(SITTING, media_time_from_ms(9_000), is_over=False)
    assert asked.state is CheckState.ASKED
    await parts.checking.begin(SITTING, asked.check_id, TrackKind.CAMERA)
    await parts.checking.leave(SITTING, media_time_from_ms(9_000), is_over=False)
    assert asked.outcome is GuidedOutcome.INTERRUPTED
    unbegun = await parts.checking.ask(SITTING, GuidedKind.CHALLENGE, "watcher")
    await parts.checking.leave(SITTING, media_time_from_ms(9_000), is_over=True)
    assert unbegun.outcome is GuidedOutcome.EXPIRED

    read_again = CheckBook(parts.timeline, lambda *_: None)
    checks = (await read_again.of(SITTING)).checks.values()
    outcomes = [GuidedOutcome.INTERRUPTED, GuidedOutcome.EXPIRED]
    assert [check.outcome for check in checks] == outcomes, "the entries alone tell the state"


async def test_progress_goes_to_the_page_and_into_the_summary_until_the_end(parts: Guided) -> None:
    check = await begun(parts)
    moved = CheckProgressed(check.check_id, MediaTime(1), 120.0, 118.5, ("behind",), ("slower",))
    parts.checking.moved(SITTING, moved)
    assert parts.pushed[-1] == CheckProgressMessage(
        check_id=check.check_id, coverage_deg=120.0, yaw_deg=118.5, missed=["behind"], hints=["slower"], prompt=None
    )
    summary = await parts.book.summary(SITTING)
    assert summary is not None
    assert summary.coverage_deg == 120.0
    await parts.checking.end(SITTING, check.check_id, GuidedOutcome.WITHDRAWN, "watcher")
    parts.checking.moved(SITTING, moved)
    assert parts.book.progress(SITTING) is None
    assert await parts.book.summary(SITTING) is None


def test_the_api_names_what_the_core_names() -> None:
    assert set(get_args(SideName)) == set(Side)
    assert set(get_args(HintName)) == set(Hint)
    assert set(get_args(Untold)) == set(CannotTell)
