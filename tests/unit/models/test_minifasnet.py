from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from models.minifasnet import minifasnet_to_onnx, read_weights
from models.silero_steps import UnexpectedNetworkError

EXPORTS = ("2.7_80x80_MiniFASNetV2", "4_0_0_80x80_MiniFASNetV1SE")


@pytest.mark.shared_data
@pytest.mark.parametrize("name", EXPORTS)
def test_the_graph_scores_as_the_export_of_the_same_weights_does(shared_data: Path, name: str) -> None:
    folder = shared_data.parent / "models"
    ours = session(minifasnet_to_onnx((folder / f"{name}.pth").read_bytes()).SerializeToString())
    theirs = session((folder / f"{name}.onnx").read_bytes())
    for seed in range(3):
        picture = np.random.default_rng(seed).uniform(0, 255, (1, 3, 80, 80)).astype(np.float32)
        (expected,) = theirs.run(None, {"x": picture})
        (scores,) = ours.run(None, {"picture": picture})
        np.testing.assert_allclose(scores, expected, atol=1e-4)


def session(graph: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])


@pytest.mark.shared_data
def test_weights_that_break_off_are_refused(shared_data: Path) -> None:
    whole = (shared_data.parent / "models" / f"{EXPORTS[0]}.pth").read_bytes()
    for length in (10, 5_000, len(whole) // 2):
        with pytest.raises(UnexpectedNetworkError):
            minifasnet_to_onnx(whole[:length])


@pytest.mark.parametrize("data", [b"", b"not weights", pickle.dumps({"a": 1}), b"\x80\x02" + b"\xff" * 40])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(UnexpectedNetworkError):
        read_weights(data)


def test_a_file_that_asks_for_code_is_refused_before_anything_runs(tmp_path: Path) -> None:
    trace = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return Path.touch, (trace,)

    magic = pickle.dumps(0x1950A86A20F9469CFC6C, 2)
    data = magic + pickle.dumps(1001, 2) + pickle.dumps({}, 2) + pickle.dumps(Trap(), 2)
    with pytest.raises(UnexpectedNetworkError, match="no weights need"):
        read_weights(data)
    assert not trace.exists()
