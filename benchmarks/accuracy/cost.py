"""CPU time of each call on one thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from proctor.analyzers.picture import PictureStream
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk, Frame, TrackKind
from proctor.domain.time import MediaTime
from tests.media.portraits import astronaut

SHAPE = (480, 640)


def measure_cost(suite: AnalyzerSuite) -> dict[str, float]:
    """Median CPU milliseconds of a call: a 640 x 480 picture with one face, a second of sound, 2 s of speech."""
    frame = Frame(TrackKind.CAMERA, MediaTime(0), _camera_picture())
    people = suite.faces.observe(frame, thorough=True)
    enrolment = suite.identity.enrol(frame.rgb)
    hiss = np.random.default_rng(0).normal(0, 0.05, AUDIO_RATE_HZ).astype(np.float32)
    spoken = np.resize(hiss, 2 * AUDIO_RATE_HZ)
    sound, picture = suite.speech.stream(), PictureStream(TrackKind.CAMERA)
    calls: dict[str, Callable[[], object]] = {
        "faces_320": lambda: suite.faces.observe(frame, with_pose=False),
        "faces_640": lambda: suite.faces.observe(frame, thorough=True, with_pose=False),
        "head_pose": lambda: suite.faces.mesh.points(
            frame.rgb.copy(), people.faces[0].box
        ),  # one is not measured twice
        "identity_sface": lambda: suite.identity.observe(frame, people.faces[0], enrolment, second_opinion=False),
        "identity_both": lambda: suite.identity.observe(frame, people.faces[0], enrolment),
        "speech_1s": lambda: sound.observe(AudioChunk(MediaTime(0), hiss)),
        "voice_2s": lambda: suite.voices.encoder.print_of(spoken),
        "picture": lambda: picture.observe(frame),
    }
    return {name: _median_ms(call) for name, call in calls.items()}


def _camera_picture() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = np.full((*SHAPE, 3), 96, np.uint8)
    picture[:, 80:560] = astronaut()[:480, 16:496]
    return picture


def _median_ms(call: Callable[[], object], repeats: int = 15) -> float:
    call()
    spent = []
    for _ in range(repeats):
        begin = time.process_time()
        call()
        spent.append(1000 * (time.process_time() - begin))
    return round(median(spent), 2)
