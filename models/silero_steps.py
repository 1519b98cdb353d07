"""Writes Silero's voice activity network out so that one run judges many windows, one after another.

The published graph takes a single window of 512 samples and hands its state back; called thirty times a second, most of
its cost is the calling and the control flow inside it. Here the convolutions take all windows of a stretch at once and
the recurrent layer passes over them in order, which gives the same figures for a fraction of the time.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

CONTEXT_AND_WINDOW: Final = 576
TAIL: Final = 64
"""Samples that the network mirrors at the end of its input."""
HOP: Final = 128
BINS: Final = 129
UNITS: Final = 128
STRIDES: Final = (1, 2, 2, 1)
"""Of the four convolutions behind the spectrum."""
OPSET: Final = 15
IR_VERSION: Final = 8


class UnexpectedNetworkError(ValueError):
    """The file is not the network that this module knows."""


def silero_for_steps(data: bytes) -> onnx.ModelProto:
    """Build the graph from the bytes of `silero_vad_16k_op15.onnx`.

    It takes `windows`, float32 (n, 576), each with the 64 samples before it, and `state`, float32 (2, 1, 128), and
    yields `probability`, float32 (n,), and `next_state`.

    Raises:
        UnexpectedNetworkError: the bytes hold another network.
    """
    weights = _weights(data)
    nodes = [
        helper.make_node("Pad", ["windows", "tail"], ["mirrored"], mode="reflect"),
        helper.make_node("Unsqueeze", ["mirrored", "one"], ["channel"]),
        helper.make_node("Conv", ["channel", "basis"], ["bins"], kernel_shape=[2 * HOP], strides=[HOP]),
        helper.make_node("Split", ["bins"], ["real", "imaginary"], axis=1),
        helper.make_node("Mul", ["real", "real"], ["real_power"]),
        helper.make_node("Mul", ["imaginary", "imaginary"], ["imaginary_power"]),
        helper.make_node("Add", ["real_power", "imaginary_power"], ["power"]),
        helper.make_node("Sqrt", ["power"], ["layer_0"]),
    ]
    for index, stride in enumerate(STRIDES):
        inputs = [f"layer_{index}", f"kernel_{index}", f"offset_{index}"]
        nodes += [
            helper.make_node("Conv", inputs, [f"sum_{index}"], kernel_shape=[3], pads=[1, 1], strides=[stride]),
            helper.make_node("Relu", [f"sum_{index}"], [f"layer_{index + 1}"]),
        ]
    nodes += [
        helper.make_node("Transpose", [f"layer_{len(STRIDES)}"], ["sequence"], perm=[0, 2, 1]),
        helper.make_node("Split", ["state"], ["hidden", "cell"], axis=0),
        helper.make_node(
            "LSTM",
            ["sequence", "input_weights", "recurrent_weights", "gate_offsets", "", "hidden", "cell"],
            ["outputs", "next_hidden", "next_cell"],
            hidden_size=UNITS,
        ),
        helper.make_node("Concat", ["next_hidden", "next_cell"], ["next_state"], axis=0),
        helper.make_node("Relu", ["outputs"], ["rectified"]),
        helper.make_node("Reshape", ["rectified", "rows"], ["features"]),
        helper.make_node("MatMul", ["features", "readout"], ["score"]),
        helper.make_node("Add", ["score", "readout_offset"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["column"]),
        helper.make_node("Reshape", ["column", "flat"], ["probability"]),
    ]
    graph = helper.make_graph(
        nodes,
        "silero_vad_16k_steps",
        [
            helper.make_tensor_value_info("windows", TensorProto.FLOAT, ["n", CONTEXT_AND_WINDOW]),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, [2, 1, UNITS]),
        ],
        [
            helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["n"]),
            helper.make_tensor_value_info("next_state", TensorProto.FLOAT, [2, 1, UNITS]),
        ],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in weights.items()],
    )
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="",
        producer_version="",
    )


def in_onnx_order(gates: NDArray[np.float32]) -> NDArray[np.float32]:
    """An LSTM's rows from PyTorch's order of gates (in, forget, cell, out) to ONNX's (in, out, forget, cell)."""
    entry, forget, cell, exit_ = np.split(gates, 4)
    return np.concatenate([entry, exit_, forget, cell])


def _weights(data: bytes) -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
    stored = {item.name: numpy_helper.to_array(item) for item in onnx.load_model_from_string(data).graph.initializer}

    def tensor(name: str, *shape: int) -> NDArray[np.float32]:
        value = stored.get(f"model.{name}")
        if value is None or value.shape != shape or value.dtype != np.float32:
            raise UnexpectedNetworkError(f"no float32 tensor model.{name} of shape {shape}")
        return np.asarray(value, np.float32)

    channels = (BINS, 128, 64, 64, 128)
    weights: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
        "basis": tensor("stft.forward_basis_buffer", 2 * BINS, 1, 2 * HOP),
        "input_weights": in_onnx_order(tensor("decoder.rnn.weight_ih", 4 * UNITS, UNITS))[None],
        "recurrent_weights": in_onnx_order(tensor("decoder.rnn.weight_hh", 4 * UNITS, UNITS))[None],
        "gate_offsets": np.concatenate(
            [in_onnx_order(tensor(f"decoder.rnn.bias_{side}", 4 * UNITS)) for side in ("ih", "hh")]
        )[None],
        "readout": tensor("decoder.decoder.2.weight", 1, UNITS, 1)[0],
        "readout_offset": tensor("decoder.decoder.2.bias", 1),
        "tail": np.array([0, 0, 0, TAIL], np.int64),
        "one": np.array([1], np.int64),
        "rows": np.array([-1, UNITS], np.int64),
        "flat": np.array([-1], np.int64),
    }
    for index, (before, after) in enumerate(pairwise(channels)):
        weights[f"kernel_{index}"] = tensor(f"encoder.{index}.reparam_conv.weight", after, before, 3)
        weights[f"offset_{index}"] = tensor(f"encoder.{index}.reparam_conv.bias", after)
    return weights
