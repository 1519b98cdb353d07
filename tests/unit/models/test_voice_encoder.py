from __future__ import annotations

import pickle
import struct
from collections import OrderedDict

import numpy as np
import pytest

from models.manifest import load_manifest
from models.registry import InstalledModels, package_file
from models.silero_steps import UnexpectedNetworkError
from models.torch_weights import FORMAT, MAGIC
from models.voice_encoder import read_weights, voice_encoder_to_onnx
from proctor.analyzers.inference import OnnxModel


def published() -> bytes:
    entry = load_manifest()["voice_encoder"]
    return package_file(entry.package, entry.source).read_bytes()


def sigmoid(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-value))


def embedded(weights: dict[str, np.ndarray], mels: np.ndarray) -> np.ndarray:
    """The network by the textbook: three LSTM layers, gates in PyTorch's order, a rectified projection of length 1."""
    sequence = mels.astype(np.float64)
    for layer in range(3):
        entry, again = weights[f"lstm.weight_ih_l{layer}"], weights[f"lstm.weight_hh_l{layer}"]
        offset = weights[f"lstm.bias_ih_l{layer}"] + weights[f"lstm.bias_hh_l{layer}"]
        hidden = cell = np.zeros(256)
        outputs = []
        for frame in sequence:
            take, forget, new, give = np.split(entry @ frame + again @ hidden + offset, 4)
            cell = sigmoid(forget) * cell + sigmoid(take) * np.tanh(new)
            hidden = sigmoid(give) * np.tanh(cell)
            outputs.append(hidden)
        sequence = np.array(outputs)
    projected = np.maximum(0, weights["linear.weight"] @ hidden + weights["linear.bias"])
    return projected / np.linalg.norm(projected)


def test_the_graph_computes_the_network_of_the_weights() -> None:
    mels = np.random.default_rng(1).gamma(0.5, 2e-3, (2, 160, 40)).astype(np.float32)
    found = OnnxModel(InstalledModels().path("voice_encoder")).run(mels=mels)["embedding"]
    weights = read_weights(published())
    for row, mel in zip(found, mels, strict=True):
        assert row == pytest.approx(embedded(weights, mel), abs=1e-5)


def checkpoint(model_state: object, stores: dict[str, np.ndarray]) -> bytes:
    plain = [MAGIC, FORMAT, {"little_endian": True}, {"model_state": model_state}, list(stores)]
    data = b"".join(pickle.dumps(item, 2) for item in plain)
    return data + b"".join(struct.pack("<q", len(store)) + store.astype("<f4").tobytes() for store in stores.values())


class Runs:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run by the file",)


def test_a_file_that_wants_to_run_something_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UnexpectedNetworkError, match="print"):
        read_weights(checkpoint(OrderedDict(weights=Runs()), {}))
    assert capsys.readouterr().out == ""


def test_a_file_that_is_cut_short_or_something_else_is_refused() -> None:
    whole = published()
    for data in (b"", b"PK\x03\x04", whole[:1000], whole[: len(whole) // 2], pickle.dumps(MAGIC, 2)):
        with pytest.raises(UnexpectedNetworkError):
            read_weights(data)


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(UnexpectedNetworkError, match="linear"):
        voice_encoder_to_onnx(checkpoint(OrderedDict(), {}))
