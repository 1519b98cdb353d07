"""Writes Resemblyzer's voice encoder out as an ONNX graph; its weights lie in PyTorch's older file format."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.silero_steps import UnexpectedNetworkError, in_onnx_order
from models.torch_weights import Weights, read_torch_weights

BANDS: Final = 40
UNITS: Final = 256
LAYERS: Final = 3
EMBEDDING: Final = 256
LEAST_NORM: Final = 1e-6
OPSET: Final = 15
IR_VERSION: Final = 8


def voice_encoder_to_onnx(data: bytes) -> onnx.ModelProto:
    """Build the network from the bytes of Resemblyzer's `pretrained.pt`.

    The graph takes `mels`, float32 (n, frames, 40), and yields `embedding`, float32 (n, 256) of length 1 with no
    negative part.

    Raises:
        UnexpectedNetworkError: the bytes hold another network, or more than weights.
    """
    stored = read_weights(data)

    def tensor(name: str, *shape: int) -> Weights:
        value = stored.get(name)
        if value is None or value.shape != shape:
            raise UnexpectedNetworkError(f"no tensor {name} of shape {shape}")
        return value

    constants: dict[str, NDArray[Any]] = {
        "projection": tensor("linear.weight", EMBEDDING, UNITS),
        "projection_offset": tensor("linear.bias", EMBEDDING),
        "least_norm": np.array(LEAST_NORM, np.float32),
        "direction": np.array([1], np.int64),
        "first": np.array([0], np.int64),
    }
    nodes = [helper.make_node("Transpose", ["mels"], ["sequence_0"], perm=[1, 0, 2])]
    for layer in range(LAYERS):
        entries = BANDS if layer == 0 else UNITS
        offsets = [in_onnx_order(tensor(f"lstm.bias_{side}_l{layer}", 4 * UNITS)) for side in ("ih", "hh")]
        constants |= {
            f"input_{layer}": in_onnx_order(tensor(f"lstm.weight_ih_l{layer}", 4 * UNITS, entries))[None],
            f"recurrent_{layer}": in_onnx_order(tensor(f"lstm.weight_hh_l{layer}", 4 * UNITS, UNITS))[None],
            f"offsets_{layer}": np.concatenate(offsets)[None],
        }
        inputs = [f"sequence_{layer}", f"input_{layer}", f"recurrent_{layer}", f"offsets_{layer}"]
        nodes += [
            helper.make_node("LSTM", inputs, [f"directed_{layer}", f"last_{layer}"], hidden_size=UNITS),
            helper.make_node("Squeeze", [f"directed_{layer}", "direction"], [f"sequence_{layer + 1}"]),
        ]
    nodes += [
        helper.make_node("Squeeze", [f"last_{LAYERS - 1}", "first"], ["summary"]),
        helper.make_node("Gemm", ["summary", "projection", "projection_offset"], ["projected"], transB=1),
        helper.make_node("Relu", ["projected"], ["rectified"]),
        helper.make_node("ReduceL2", ["rectified"], ["norm"], axes=[1], keepdims=1),
        helper.make_node("Max", ["norm", "least_norm"], ["safe_norm"]),
        helper.make_node("Div", ["rectified", "safe_norm"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "resemblyzer_voice_encoder",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["n", "frames", BANDS])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", EMBEDDING])],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="",
        producer_version="",
    )


def read_weights(data: bytes) -> dict[str, Weights]:
    """Tensors of the checkpoint's `model_state` by name.

    Raises:
        UnexpectedNetworkError: not such a file, cut short, or it names more than weights.
    """
    return read_torch_weights(data, lambda checkpoint: checkpoint["model_state"])
