from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from models.manifest import load_manifest
from models.registry import InstalledModels, package_file
from models.silero_steps import UnexpectedNetworkError, silero_for_steps
from proctor.analyzers.vad import SileroVad, SpeechMemory
from tests.media.sounds import spoken

STEP = 512


def published() -> bytes:
    entry = load_manifest()["silero_vad"]
    return package_file(entry.package, entry.source).read_bytes()


def one_by_one(sound: np.ndarray) -> list[float]:
    """Probabilities by the published graph, called as its makers do."""
    session = onnxruntime.InferenceSession(published(), providers=["CPUExecutionProvider"])
    state, context = np.zeros((2, 1, 128), np.float32), np.zeros(64, np.float32)
    probabilities = []
    for begin in range(0, len(sound) - STEP + 1, STEP):
        window = np.concatenate([context, sound[begin : begin + STEP]])
        inputs = {"input": window[None], "state": state, "sr": np.array(16_000, np.int64)}
        probability, state = session.run(None, inputs)
        context = window[-64:]
        probabilities.append(float(probability.item()))
    return probabilities


@pytest.mark.parametrize("steps_at_once", [1, 16, 50])
def test_many_windows_at_once_give_the_published_graph_s_figures(steps_at_once: int) -> None:
    at_48k = spoken()[: len(spoken()) // 3 * 3]
    voice = at_48k.reshape(-1, 3).mean(axis=1).astype(np.float32)
    voice = voice[: len(voice) // STEP * STEP]
    vad, memory = SileroVad(InstalledModels().path("silero_vad")), SpeechMemory()
    size = steps_at_once * STEP
    found = [vad.judge(voice[begin : begin + size], memory) for begin in range(0, len(voice), size)]
    expected = one_by_one(voice)
    assert max(expected) > 0.9
    assert np.concatenate(found) == pytest.approx(expected, abs=1e-5)


def test_another_network_is_refused() -> None:
    entry = load_manifest()["yunet"]
    with pytest.raises(UnexpectedNetworkError, match="stft"):
        silero_for_steps(package_file(entry.package, entry.source).read_bytes())
