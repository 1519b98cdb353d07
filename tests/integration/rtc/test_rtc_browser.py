"""A real Chromium publishes to a leg through a lossy relay, and another page shows the live view."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Self

import av
import pytest
from playwright.async_api import Browser, Page, Route, async_playwright
from rtc_rig import LOOPBACK, Relay, SystemClock, until, without_candidates

from proctor.domain.media import EncodedFrame, LinkEvent, TrackKind
from server.rtc.forwarder import Viewer
from server.rtc.leg import Leg
from server.rtc.negotiation import OfferedTrack
from tests.browser_program import find_chromium

pytestmark = pytest.mark.live

CAMERA, SCREEN, MICROPHONE = TrackKind.CAMERA, TrackKind.SCREEN, TrackKind.MICROPHONE
ALL = (CAMERA, SCREEN, MICROPHONE)
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-background-networking",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
    "--no-first-run",
]
PUBLISH = """async () => {
  const devices = await navigator.mediaDevices.getUserMedia({
    video: {width: 640, height: 480, frameRate: 15}, audio: true});
  const canvas = document.createElement('canvas');
  canvas.width = 1280; canvas.height = 720;
  const pen = canvas.getContext('2d');
  let turn = 0;
  setInterval(() => {
    pen.fillStyle = `hsl(${turn++ * 7}, 60%, 60%)`;
    pen.fillRect(turn * 13 % 1200, turn * 7 % 640, 80, 80);
  }, 100);
  const pc = window.pc = new RTCPeerConnection({iceServers: [], bundlePolicy: 'max-bundle'});
  const video = {direction: 'sendonly', sendEncodings: [{scalabilityMode: 'L1T3', maxBitrate: 400000}]};
  const vp8 = RTCRtpSender.getCapabilities('video').codecs
    .filter(c => ['video/VP8', 'video/rtx'].includes(c.mimeType));
  const tracks = [devices.getVideoTracks()[0], canvas.captureStream(5).getVideoTracks()[0]];
  for (const track of tracks) pc.addTransceiver(track, video).setCodecPreferences(vp8);
  for (const sender of pc.getSenders()) {
    const parameters = sender.getParameters();
    parameters.degradationPreference = 'maintain-resolution';
    await sender.setParameters(parameters);
  }
  pc.addTransceiver(devices.getAudioTracks()[0], {direction: 'sendonly'});
  const offer = await pc.createOffer();
  const sdp = offer.sdp.replace(/a=rtpmap:(\\d+) opus.*\\r\\n/, line => line
    + `a=rtcp-fb:${line.match(/:(\\d+)/)[1]} nack\\r\\n`);
  await pc.setLocalDescription({type: 'offer', sdp});
  while (pc.iceGatheringState !== 'complete') await new Promise(r => setTimeout(r, 20));
  const mids = pc.getTransceivers().map(t => t.mid);
  const answer = await window.exchange(pc.localDescription.sdp, JSON.stringify(mids));
  await pc.setRemoteDescription({type: 'answer', sdp: answer});
}"""
WATCH = """async () => {
  const pc = window.pc = new RTCPeerConnection({iceServers: []});
  window.shown = [];
  pc.ontrack = event => {
    const element = document.createElement(event.track.kind);
    element.autoplay = element.muted = true;
    element.srcObject = new MediaStream([event.track]);
    document.body.append(element);
    window.shown.push(element);
  };
  for (const kind of ['video', 'video', 'audio']) pc.addTransceiver(kind, {direction: 'recvonly'});
  await pc.setLocalDescription(await pc.createOffer());
  while (pc.iceGatheringState !== 'complete') await new Promise(r => setTimeout(r, 20));
  const answer = await window.exchange(pc.localDescription.sdp);
  await pc.setRemoteDescription({type: 'answer', sdp: answer});
}"""
SHOWN = """async () => {
  const inbound = [...(await window.pc.getStats()).values()].filter(s => s.type === 'inbound-rtp');
  return JSON.stringify(inbound.map(s => ({
    kind: s.kind, width: s.frameWidth || 0, decoded: s.framesDecoded || 0, lost: s.packetsLost,
    samples: s.totalSamplesReceived || 0, ssrc: s.ssrc, keys: s.keyFramesDecoded || 0, freezes: s.freezeCount || 0
  })).sort((a, b) => b.width - a.width));
}"""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield launched
        await launched.close()


async def open_page(browser: Browser) -> Page:
    page = await browser.new_page()

    async def blank(route: Route) -> None:
        await route.fulfill(content_type="text/html", body="<!doctype html><title>media</title>")

    await page.route("http://localhost/", blank)
    await page.goto("http://localhost/")
    return page


class BrowserPublication:
    def __init__(self, browser: Browser, number: int, relay: Relay | None = None) -> None:
        self.frames: dict[TrackKind, list[EncodedFrame]] = {track: [] for track in ALL}
        self.links: list[LinkEvent] = []
        self.offers: list[str] = []
        self.answers: list[str] = []
        self.clock = SystemClock()
        self.leg = Leg(number, clock=self.clock, network=LOOPBACK, on_link=self.links.append)
        self.leg.add_sink(lambda frame: self.frames[frame.track].append(frame))
        self._browser = browser
        self._relay = relay

    async def __aenter__(self) -> Self:
        page = await open_page(self._browser)

        async def exchange(offer: str, mids: str) -> str:
            tracks = [OfferedTrack(mid, track) for mid, track in zip(json.loads(mids), ALL, strict=True)]
            self.offers.append(offer)
            if self._relay is None:
                self.answers.append(await self.leg.answer(offer, tracks))
            else:
                answer = await self.leg.answer(without_candidates(offer), tracks)
                self.answers.append(self._relay.stand_between(answer))
            return self.answers[-1]

        await page.expose_function("exchange", exchange)
        await page.evaluate(PUBLISH)
        assert await self.leg.wait_connected(10)
        await until(lambda: all(one.frames for one in self.leg.snapshot().tracks), 10)
        self.leg.begin(self.clock.monotonic_ns())
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.leg.close()


def decoded_alone(frames: list[EncodedFrame]) -> list[tuple[int, int]]:
    decoder = av.CodecContext.create("vp8", "r")
    return [(picture.width, picture.height) for frame in frames for picture in decoder.decode(av.Packet(frame.data))]


@pytest.mark.browser
async def test_chromium_publishes_layers_and_repairs_both_pictures_and_sound(browser: Browser, relay: Relay) -> None:
    async with BrowserPublication(browser, 1, relay) as publication:
        relay.loss = 0.15
        await asyncio.sleep(6)
        relay.loss = 0
        await asyncio.sleep(0.6)
        figures = {one.track: one for one in publication.leg.snapshot().tracks}
        for track in ALL:
            assert (figures[track].lost, figures[track].gaps) == (0, 0), figures[track]
            assert figures[track].recovered > 0, figures[track]
        for track, size in ((CAMERA, (640, 480)), (SCREEN, (1280, 720))):
            assert (figures[track].width, figures[track].height) == size
            assert figures[track].layers_ok
            frames = publication.frames[track]
            whole = frames[next(index for index, frame in enumerate(frames) if frame.is_key) :]
            assert {frame.temporal_id for frame in whole} == {0, 1, 2}
            base = [frame for frame in whole if frame.temporal_id == 0]
            assert decoded_alone(base) == [size] * len(base)
            assert len(base) < 0.4 * len(whole)
        lengths = {b.rtp_time - a.rtp_time for a, b in pairwise(publication.frames[MICROPHONE])}
        assert lengths == {2_880}
        assert publication.links == []


@pytest.mark.browser
async def test_chromium_shows_the_live_view_across_a_change_of_leg(browser: Browser) -> None:
    viewer = Viewer(clock=SystemClock(), network=LOOPBACK)
    page = await open_page(browser)

    async def exchange(offer: str) -> str:
        return await viewer.answer(offer, ALL)

    async def shown() -> list[dict[str, int]]:
        inbound: list[dict[str, int]] = json.loads(await page.evaluate(SHOWN))
        return inbound

    await page.expose_function("exchange", exchange)
    async with BrowserPublication(browser, 1) as first, BrowserPublication(browser, 2) as second:
        viewer.watch(first.leg)
        await page.evaluate(WATCH)
        assert await viewer.wait_connected(10)
        await asyncio.sleep(2.5)
        before = await shown()
        assert [one["width"] for one in before] == [1280, 640, 0]
        assert before[1]["decoded"] > 15
        viewer.watch(second.leg)
        await first.leg.close()
        at_change = await shown()
        await asyncio.sleep(2.5)
        after = await shown()
        assert [one["ssrc"] for one in after] == [one["ssrc"] for one in before]
        for index in (0, 1):
            assert after[index]["decoded"] > at_change[index]["decoded"] + 5
            assert after[index]["keys"] > before[index]["keys"]
        assert after[2]["samples"] > at_change[2]["samples"] + 48_000
    await viewer.close()
