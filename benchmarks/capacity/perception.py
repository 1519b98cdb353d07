"""What the analysis of one honest sitting costs: our adaptive schedule beside every model on every sampled picture.

Both ways get the same encoded camera, screen and sound, decode the same layer 0 and sample the same pictures; they run
one after the other in one thread of this process and are measured by its CPU time. `ours` is the worker's own lane with
the default policy; `plain` runs every analyzer that is installed on every sampled picture of its track, and the speech
model on all sound.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.registry import InstalledModels
from proctor.analyzers.identity import Enrolment
from proctor.analyzers.sense import Beginning
from proctor.analyzers.suite import AnalyzerSuite
from proctor.detectors.registry import discover
from proctor.domain.errors import NoUsableFaceError
from proctor.domain.media import Codec, EncodedFrame, Frame, TrackKind
from proctor.domain.observations import PeopleObserved
from proctor.domain.time import NS_PER_S, SITTING_START, MediaTime, media_time_from_s
from proctor.pipeline.line import SittingLine
from proctor.pipeline.policy import ExamPolicy, default_policy
from proctor.pipeline.schedule import SamplingGrid
from proctor.pipeline.senses import SENSES
from server.perception.decode import PictureDecoder, SoundDecoder, rgb_of
from server.perception.lane import Lane
from server.perception.protocol import Media
from server.rtc.media_encoding import (
    TEMPORAL_IDS,
    EncodedLoop,
    encode_page,
    encode_pictures,
    encode_sound,
    whole_laps_s,
)
from tests.media.files import write_clip
from tests.media.scenes import Scene, Shot, pictures
from tests.media.sounds import soundtrack

STEP_S: Final = 0.5
SETTLE_S: Final = 10.0
"""A sitting begins as if something had just happened; not measured."""
LONGEST_LAP_S: Final = 60.0
HONEST_S: Final = 30.0
PACKET_S: Final = 0.06
_RTP_HZ: Final = 90_000
TRACES: Final = frozenset({".bin"})
"""Recorded RTP cannot be taken apart here; the composed sitting stands in for it."""

Taker = Callable[[MediaTime, list[EncodedFrame]], None]
"""Analyses what came up to a time."""


@dataclass(frozen=True, slots=True)
class PerceptionCost:
    """CPU milliseconds of one core per second of one sitting, decoding included."""

    ours_ms: float
    plain_ms: float
    senses: tuple[str, ...]
    """What is installed beside faces, identity and speech."""

    @property
    def ratio(self) -> float:
        """How many times as much the plain schedule costs."""
        return self.plain_ms / self.ours_ms

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "ours": round(self.ours_ms, 1),
            "plain": round(self.plain_ms, 1),
            "ratio": round(self.ratio, 1),
            "senses": list(self.senses),
        }


def write_honest(path: Path) -> None:
    """Compose somebody who sits at a desk and reads, in a quiet room."""
    write_clip(path, pictures((Shot(Scene.PRESENT, HONEST_S),), 15), 15, soundtrack(HONEST_S, {}))


def measure(media: Path, seconds: float) -> PerceptionCost:
    """Analyse `seconds` of the file, repeated as often as needed, in both ways.

    Raises:
        MediaError: the file cannot be read.
    """
    cv2.setNumThreads(1)
    suite = AnalyzerSuite.load(InstalledModels())
    policy = default_policy(discover())
    sent = list(_sent(media, seconds + SETTLE_S))
    enrolment = _enrolment(suite, sent)
    ours = _Ours(suite, policy, enrolment)
    plain = _Plain(suite, policy, enrolment)
    return PerceptionCost(
        ours_ms=_cost(sent, ours.take, seconds),
        plain_ms=_cost(sent, plain.take, seconds),
        senses=tuple(sorted({*suite.further, *suite.listening})),
    )


def _cost(
    sent: list[list[EncodedFrame]], take: Callable[[MediaTime, list[EncodedFrame]], None], seconds: float
) -> float:
    begun_s = 0.0
    for number, frames in enumerate(sent):
        if number == round(SETTLE_S / STEP_S):
            begun_s = time.process_time()
        take(media_time_from_s((number + 1) * STEP_S), frames)
    return 1000 * (time.process_time() - begun_s) / seconds


class _Ours:
    """The lane of a worker."""

    def __init__(self, suite: AnalyzerSuite, policy: ExamPolicy, enrolment: Enrolment | None) -> None:
        line = SittingLine(policy, suite, discover().build(policy.detectors), enrolment)
        self._lane = Lane(line, policy.analysis, SITTING_START, lambda _lag: None)

    def take(self, at: MediaTime, frames: list[EncodedFrame]) -> None:
        """What a worker's loop does with what came in half a second."""
        lane = self._lane
        for frame in frames:
            lane.put(Media("sitting", frame, 0))
            if frame.track is not TrackKind.MICROPHONE:
                lane.decode_pictures()
                while lane.has_picture:
                    lane.serve_picture()
        lane.reach(at)
        lane.serve_sound()
        lane.settle()


class _Plain:
    """Every model on every sampled picture, and on all sound."""

    def __init__(self, suite: AnalyzerSuite, policy: ExamPolicy, enrolment: Enrolment | None) -> None:
        analysis = policy.analysis
        self._suite = suite
        self._enrolment = enrolment
        self._decoders = {track: PictureDecoder() for track in (TrackKind.CAMERA, TrackKind.SCREEN)}
        self._grids = {
            TrackKind.CAMERA: SamplingGrid(analysis.pictures_per_s),
            TrackKind.SCREEN: SamplingGrid(analysis.screen_pictures_per_s),
        }
        self._ears = SoundDecoder()
        self._sound = suite.speech.stream(window_ms=analysis.sound_window_ms, gate_dbfs=float("-inf"))
        beginning = Beginning(analysis, enrolment)
        self._looking = [
            (sense, suite.further[sense.name](beginning)) for sense in SENSES if sense.name in suite.further
        ]
        self._listening = [begin(beginning) for begin in suite.listening.values()]

    def take(self, at: MediaTime, frames: list[EncodedFrame]) -> None:
        """Analyse what came in half a second."""
        del at
        for frame in frames:
            if frame.track is TrackKind.MICROPHONE:
                self._hear(frame)
            else:
                self._look(frame)

    def _look(self, encoded: EncodedFrame) -> None:
        decoded = self._decoders[encoded.track].decode(encoded)
        grid = self._grids[encoded.track]
        if decoded is None or not grid.wants(encoded.at):
            return
        grid.took(encoded.at)
        frame = Frame(encoded.track, encoded.at, rgb_of(decoded))
        people = self._people(frame) if frame.track is TrackKind.CAMERA else None
        for sense, eye in self._looking:
            if frame.track in sense.tracks:
                eye.observe(frame, people)

    def _people(self, frame: Frame) -> PeopleObserved:
        people = self._suite.faces.observe(frame, thorough=True, with_pose=True)
        if people.faces and self._enrolment is not None:
            self._suite.identity.observe(frame, people.faces[0], self._enrolment, second_opinion=True)
        return people

    def _hear(self, encoded: EncodedFrame) -> None:
        for chunk in self._ears.decode([encoded]):
            heard = self._sound.observe(chunk)
            for ear in self._listening:
                ear.observe(chunk, heard)


def _sent(media: Path, seconds: float) -> Iterator[list[EncodedFrame]]:
    """What a worker gets of the file, in pieces of half a second: layer 0 of camera and screen, and all sound."""
    lap_s = whole_laps_s(media, LONGEST_LAP_S)
    camera = encode_pictures(media, width=640, height=480, fps=15, bit_rate=400_000, lap_s=lap_s)
    screen = encode_page(fps=5, bit_rate=300_000, lap_s=lap_s)
    sound = encode_sound(media, lap_s=lap_s)
    laps = range(int(Fraction(seconds) / lap_s) + 1)
    frames = [
        frame
        for lap in laps
        for frame in (
            *_layer_0(camera, TrackKind.CAMERA, float(lap * lap_s)),
            *_layer_0(screen, TrackKind.SCREEN, float(lap * lap_s)),
            *_packets(sound, float(lap * lap_s)),
        )
    ]
    for number in range(round(seconds / STEP_S)):
        until = media_time_from_s((number + 1) * STEP_S)
        begin = media_time_from_s(number * STEP_S)
        yield sorted((frame for frame in frames if begin <= frame.at < until), key=lambda frame: frame.at)


def _layer_0(loop: EncodedLoop, track: TrackKind, begin_s: float) -> Iterator[EncodedFrame]:
    for number, data in enumerate(loop.frames):
        if TEMPORAL_IDS[number % len(TEMPORAL_IDS)] == 0:
            at_s = begin_s + number / loop.per_s
            # The first bit of a VP8 frame is 0 for key frames (RFC 6386, section 9.1).
            yield _frame(track, at_s, data, Codec.VP8, is_key=not data[0] & 1)


def _packets(packets: tuple[bytes, ...], begin_s: float) -> Iterator[EncodedFrame]:
    for number, data in enumerate(packets):
        yield _frame(TrackKind.MICROPHONE, begin_s + number * PACKET_S, data, Codec.OPUS, is_key=True)


def _frame(track: TrackKind, at_s: float, data: bytes, codec: Codec, *, is_key: bool) -> EncodedFrame:
    at = media_time_from_s(at_s)
    rtp_time = at * _RTP_HZ // NS_PER_S
    return EncodedFrame(track, 1, at, rtp_time, codec, data, is_key, temporal_id=0, after_gap=False)


def _enrolment(suite: AnalyzerSuite, sent: list[list[EncodedFrame]]) -> Enrolment | None:
    """The face of the sitting's own first usable picture; None where there is none."""
    for rgb in _camera_pictures(sent):
        try:
            return suite.identity.enrol(rgb)
        except NoUsableFaceError:
            continue
    return None


def _camera_pictures(sent: list[list[EncodedFrame]]) -> Iterator[NDArray[np.uint8]]:
    decoder = PictureDecoder()
    for frames in sent:
        for frame in frames:
            decoded = decoder.decode(frame) if frame.track is TrackKind.CAMERA else None
            if decoded is not None:
                yield rgb_of(decoded)
