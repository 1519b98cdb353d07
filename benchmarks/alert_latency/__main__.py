"""From the onset in the captured picture to the invigilator's page, in two real browsers.

A candidate's Chromium plays a composed camera in which a second person comes and goes; a white corner patch marks the
pictures with two people. The candidate's page notes when the camera delivers the first marked picture, the
invigilator's page in a second Chromium when the incident is painted. The rule's dwell time is taken off and reported
apart. The baseline, in the same run: when the invigilator's live video shows the same picture.

Limits: one machine carries both browsers and the server; loopback adds no network delay; one composed scene.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.running_server import RunningServer, running_server
from tests.e2e.candidate import Candidate
from tests.e2e.chromium import FakeMedia, launched
from tests.media.files import write_wav, write_y4m
from tests.media.portraits import Picture
from tests.media.scenes import Scene, Shot, pictures
from tests.media.sounds import soundtrack

ALONE_S: Final = 4.6
TOGETHER_S: Final = 3.7
"""The two do not add up to whole seconds, so that onsets fall on all phases of the sampling."""
FPS: Final = 15
PATCH_PX: Final = 24
DWELL_S: Final = 1.0
POLICY: Final = f"""
[steps]
identity_photograph = false
[correlation]
join_gap_s = 0
[detectors.multiple_faces]
dwell_s = {DWELL_S}
release_s = 0.5
"""
WATCHING: Final = Path(__file__).with_name("watching.js")


@dataclass(frozen=True, slots=True)
class Seen:
    """Times in milliseconds of the machine's clock."""

    onsets: list[float]
    live: list[float]
    alerts: list[tuple[str, float]]


def main(arguments: list[str]) -> int:
    """Measure and print; 0 when the alert's targets of 1.5 s (p50) and 3 s (p95) are met, else 1."""
    parser = argparse.ArgumentParser(prog="alert_latency", description=__doc__)
    parser.add_argument("--onsets", type=int, default=40, help="onsets to measure")
    parser.add_argument("--quick", action="store_true", help="measure 8 onsets")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    onsets = 8 if options.quick else options.onsets
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        media = _media(Path(folder))
        with launched(playwright, media) as theirs, launched(playwright, None) as ours:
            seen = _measure(server, theirs, ours, onsets)
    result = _result(seen)
    print(json.dumps(result) if options.json else _table(result))
    return 0 if result["p50_s"] <= 1.5 and result["p95_s"] <= 3.0 else 1  # noqa: PLR2004 - the stated targets


def _media(folder: Path) -> FakeMedia:
    media = FakeMedia(camera=folder / "camera.y4m", microphone=folder / "microphone.wav")
    write_y4m(media.camera, _marked(), FPS)
    write_wav(media.microphone, soundtrack(10.0))
    return media


def _marked() -> Iterator[tuple[float, Picture]]:
    for at_s, rgb in pictures([Shot(Scene.PRESENT, ALONE_S), Shot(Scene.TWO_PEOPLE, TOGETHER_S)], FPS):
        rgb[:PATCH_PX, :PATCH_PX] = 255 if at_s >= ALONE_S else 16
        yield at_s, rgb


def _measure(server: RunningServer, theirs: Browser, ours: Browser, onsets: int) -> Seen:
    sitting_id = _schedule(server)
    context = theirs.new_context()
    candidate = Candidate(context, server.base_url)
    candidate.page.add_init_script(path=WATCHING)
    account = server.accounts["candidate"]
    candidate.log_in(account.email, account.password)
    candidate.page.goto(f"{server.base_url}/sit/{sitting_id}")
    candidate.consent()
    candidate.equip()
    candidate.start()
    watching = _watch(server, ours, sitting_id)
    candidate.stay((ALONE_S + TOGETHER_S) * onsets + 5)
    captured: dict[str, Any] = candidate.page.evaluate("__seen")
    shown: dict[str, Any] = watching.evaluate("__seen")
    with server.client("invigilator") as client:
        incidents = client.get(f"/api/sittings/{sitting_id}/incidents").raise_for_status().json()
    candidate.finish()
    ours_kind = {entry["incident_id"] for entry in incidents if "multiple_faces" in entry["kinds"]}
    alerts = [(str(name), float(at)) for name, at in shown["alerts"] if name in ours_kind]
    return Seen([float(at) for at in captured["onsets"]], [float(at) for at in shown["live"]], alerts)


def _schedule(server: RunningServer) -> str:
    title = dict.fromkeys(("kk", "ru", "en"), "Alert latency")
    with server.client("admin") as client:
        accounts = client.get("/api/accounts").raise_for_status().json()
        candidate = next(entry for entry in accounts if entry["email"] == server.accounts["candidate"].email)
        exam = client.post("/api/exams", json={"title": title, "duration_minutes": 60, "policy_toml": POLICY})
        exam_id = exam.raise_for_status().json()["exam_id"]
        sitting = client.post(
            "/api/sittings", json={"exam_id": exam_id, "candidate_account_id": candidate["account_id"]}
        )
        return str(sitting.raise_for_status().json()["sitting_id"])


def _watch(server: RunningServer, ours: Browser, sitting_id: str) -> Page:
    context = ours.new_context(viewport={"width": 1280, "height": 800})
    account = server.accounts["invigilator"]
    answer = context.request.post(
        f"{server.base_url}/api/login",
        data={"email": account.email, "password": account.password},
        headers={"X-Proctor": "1"},
    )
    if not answer.ok:
        raise RuntimeError(f"the invigilator could not log in: {answer.text()}")
    page = context.new_page()
    page.add_init_script(path=WATCHING)
    page.goto(f"{server.base_url}/invigilate/{sitting_id}")
    page.locator("[data-track=camera] video").wait_for()
    return page


def _result(seen: Seen) -> dict[str, float | int]:
    """Latencies in seconds; onsets from before the invigilator watched count for neither figure.

    Raises:
        RuntimeError: nothing was measured.
    """
    watched_from = min([*seen.live, *(at for _, at in seen.alerts)], default=0.0) - (ALONE_S + TOGETHER_S) * 1000
    onsets = [at for at in seen.onsets if at >= watched_from]
    alerts = [value - DWELL_S for value in _delays_s(onsets, [at for _, at in seen.alerts])]
    live = _delays_s(onsets, seen.live)
    if not alerts or not live:
        raise RuntimeError(f"nothing to measure: {len(onsets)} onsets, {len(alerts)} alerts, {len(live)} live pictures")
    p50 = statistics.median(alerts)
    live_p50 = statistics.median(live)
    return {
        "p50_s": round(p50, 3),
        "p95_s": round(float(np.percentile(alerts, 95)), 3),
        "n": len(alerts),
        "onsets": len(onsets),
        "dwell_s": DWELL_S,
        "live_picture_p50_s": round(live_p50, 3),
        "ratio_to_live_picture": round(p50 / live_p50, 1),
    }


def _delays_s(onsets: list[float], shown: list[float]) -> list[float]:
    """Seconds from the latest onset before each time shown; one for each onset, the first."""
    first: dict[int, float] = {}
    for at in shown:
        index = bisect_right(onsets, at) - 1
        if index >= 0:
            first.setdefault(index, (at - onsets[index]) / 1000)
    return list(first.values())


def _table(result: dict[str, float | int]) -> str:
    return "\n".join(
        (
            f"onset in the picture → incident on the invigilator's page, n = {result['n']} of {result['onsets']}",
            f"  alert, {result['dwell_s']} s of dwell taken off  p50 {result['p50_s']} s  p95 {result['p95_s']} s",
            f"  baseline: the same picture in the live view   p50 {result['live_picture_p50_s']} s",
            f"  ratio of the medians   {result['ratio_to_live_picture']}",
        )
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
