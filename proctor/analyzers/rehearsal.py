"""A first look of every model before anybody sits, so that no sitting pays for it in time or memory."""

from __future__ import annotations

from typing import Final

import numpy as np

from proctor.analyzers.suite import AnalyzerSuite
from proctor.analyzers.yunet import DetectedFace
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk, Frame, TrackKind
from proctor.domain.time import MediaTime

ROUNDS: Final = 2
"""onnxruntime plans a network's memory in the first run and takes what was planned in the second."""
SIZE_PX: Final = (480, 640)
SOUND_S: Final = 2
NO_FACE: Final = DetectedFace(
    box=(220.0, 140.0, 200.0, 200.0),
    score=1.0,
    landmarks=np.array([(280.0, 210.0), (360.0, 210.0), (320.0, 250.0), (285.0, 295.0), (355.0, 295.0)]),
)
"""A place in the noise that is treated as if a face had been found there."""


def rehearse(suite: AnalyzerSuite) -> None:
    """Let every model of the suite look at noise, about a second in all; nothing is kept of what they say."""
    chance = np.random.default_rng(0)
    rgb = chance.integers(0, 256, (*SIZE_PX, 3), np.uint8)
    pcm = chance.normal(0.0, 0.1, SOUND_S * AUDIO_RATE_HZ).astype(np.float32)
    for _ in range(ROUNDS):
        suite.faces.detect(rgb, thorough=False)
        suite.faces.detect(rgb, thorough=True)
        suite.identity.encode(rgb, NO_FACE)
        suite.body.detect(rgb)
        suite.objects.observe(Frame(TrackKind.CAMERA, MediaTime(0), rgb))
        if suite.liveness is not None:
            suite.liveness.judge(rgb, [NO_FACE.box])
        suite.speech.stream().observe(AudioChunk(MediaTime(0), pcm))
        suite.voices.encoder.print_of(pcm)
