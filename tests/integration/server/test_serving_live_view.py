"""An invigilator watches while the candidate's connection breaks and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from proctor.domain.media import TrackKind
from tests.integration.rtc.rtc_rig import Watcher, until
from tests.integration.server.serving import Person, RunningServer, receive
from tests.integration.server.taking import WITHOUT_IDENTITY, Taking, filmed
from tests.media.scenes import Scene, Shot

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.live]


class ViewerFarAway:
    """Stands where the rig expects the server's viewer, and asks for it over HTTP."""

    def __init__(self, person: Person, path: str) -> None:
        self.viewer_id = ""
        self._person = person
        self._path = path

    async def answer(self, offer_sdp: str, tracks: Sequence[TrackKind]) -> str:
        body = {"offer_sdp": offer_sdp, "tracks": [track.value for track in tracks]}
        told = await self._person.ask("POST", f"{self._path}/viewers", body)
        self.viewer_id = told["viewer_id"]
        return str(told["answer_sdp"])

    async def wait_connected(self, _timeout_s: float) -> bool:
        return True


async def test_a_live_view_goes_on_with_the_candidates_next_connection(
    shared_server: RunningServer, tmp_path: Path
) -> None:
    source = await asyncio.to_thread(filmed, tmp_path / "alone.webm", Shot(Scene.PRESENT, 3))
    invigilator = shared_server["invigilator"]
    exam_id = await shared_server.make_exam(WITHOUT_IDENTITY)
    taking = Taking(shared_server["candidate"], await shared_server.schedule("candidate", exam_id))
    await taking.consent()
    refused = await invigilator.send("POST", f"{taking.path}/viewers", {"offer_sdp": "v=0", "tracks": ["camera"]})
    assert refused.json()["code"] == "not_running"
    watcher, viewer = Watcher(), ViewerFarAway(invigilator, taking.path)
    seen = watcher.frames[TrackKind.CAMERA]
    try:
        async with invigilator.socket("/api/live") as live:
            async with taking.connected(source):
                await taking.check_equipment()
                await taking.step("start")
                await watcher.watch(viewer)  # type: ignore[arg-type]
                await until(lambda: len(seen) > 10)
            while (await receive(live, "sitting"))["sitting"]["connection"] != "lost":
                pass
            before = len(seen)
            async with taking.connected(source):
                await until(lambda: len(seen) > before + 10)
                assert (await taking.step("finish"))["state"] == "finished"
    finally:
        await watcher.close()

    timeline = (await invigilator.ask("GET", f"{taking.path}/timeline?limit=1000"))["entries"]
    payloads = {entry["kind"]: entry["payload"] for entry in timeline}
    assert payloads["viewed"]["what"] == "live"
    assert payloads["viewed"]["account_id"] == invigilator.account_id
    assert payloads["leg_connected"]["leg"] == 2
    gap = payloads["recording_gap"]
    assert gap["cause"] == "network"
    assert gap["end_ms"] > gap["start_ms"] > 0
    assert [entry["payload"]["state"] for entry in timeline if entry["kind"] == "link_event"] == ["lost", "restored"]
    assert (await invigilator.send("DELETE", "/api/viewers/nobody")).json()["code"] == "viewer_not_found"


async def test_a_malformed_offer_of_a_viewer_is_refused(shared_server: RunningServer, tmp_path: Path) -> None:
    source = await asyncio.to_thread(filmed, tmp_path / "alone.webm", Shot(Scene.EMPTY, 2))
    exam_id = await shared_server.make_exam(WITHOUT_IDENTITY)
    taking = Taking(shared_server["candidate"], await shared_server.schedule("candidate", exam_id))
    await taking.consent()
    async with taking.connected(source):
        await taking.check_equipment()
        await taking.step("start")
        answer = await shared_server["invigilator"].send(
            "POST", f"{taking.path}/viewers", {"offer_sdp": "v=0", "tracks": ["camera"]}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_sdp")
        await taking.step("finish")
