"""Writes Resemblyzer's voice encoder out as an ONNX graph.

Its weights lie in PyTorch's older file format: five pickles, then the numbers. They are read here without PyTorch and
by an unpickler that knows only the few names such a file needs, so that the file cannot run anything.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.silero_steps import UnexpectedNetworkError, in_onnx_order

Weights = NDArray[np.float32]

MAGIC: Final = 0x1950A86A20F9469CFC6C
FORMAT: Final = 1001
BANDS: Final = 40
UNITS: Final = 256
LAYERS: Final = 3
EMBEDDING: Final = 256
LEAST_NORM: Final = 1e-6
OPSET: Final = 15
IR_VERSION: Final = 8


@dataclass(frozen=True, slots=True)
class _StoredTensor:
    """A view into one of the stores of numbers at the end of the file."""

    store: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def is_contiguous(self) -> bool:
        expected = [int(np.prod(self.shape[place + 1 :])) for place in range(len(self.shape))]
        return list(self.strides) == expected


class _WeightsOnly(pickle.Unpickler):
    """Reads tensors' places and plain values; refuses every other name."""

    def find_class(self, module_name: str, global_name: str) -> Any:  # noqa: ANN401 - as pickle declares it
        """Resolve one of the three names that a file of weights holds."""
        if (module_name, global_name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module_name, global_name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if (module_name, global_name) == ("torch", "FloatStorage"):
            return "float32"
        return _refuse(f"{module_name}.{global_name}")

    def persistent_load(self, pid: Any) -> str:  # noqa: ANN401 - as pickle declares it
        """Name of a store."""
        match pid:
            case ("storage", "float32", str() as key, _, int(), None):
                return key
        return _refuse(repr(pid)[:80])


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
    stream = io.BytesIO(data)
    try:
        if (_plain(stream), _plain(stream)) != (MAGIC, FORMAT):
            raise UnexpectedNetworkError("not a file of PyTorch's older format")
        _plain(stream)
        tensors = _plain(stream)["model_state"]
        keys = _plain(stream)
        stores = {key: _numbers(stream) for key in keys}
        return {name: _placed(tensor, stores[tensor.store]) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, EOFError, struct.error, KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, UnexpectedNetworkError):
            raise
        raise UnexpectedNetworkError(f"the file of weights cannot be read: {error}") from error


def _plain(stream: io.BytesIO) -> Any:  # noqa: ANN401 - whatever plain value the pickle holds
    return _WeightsOnly(stream).load()


def _numbers(stream: io.BytesIO) -> Weights:
    (count,) = struct.unpack("<q", stream.read(8))
    raw = stream.read(4 * count)
    if count < 0 or len(raw) != 4 * count:
        raise UnexpectedNetworkError("the file of weights ends early")
    return np.frombuffer(raw, "<f4").astype(np.float32)


def _placed(tensor: _StoredTensor, numbers: Weights) -> Weights:
    end = tensor.offset + tensor.size
    if tensor.offset < 0 or end > len(numbers) or not tensor.is_contiguous:
        raise UnexpectedNetworkError("a tensor does not lie within its store")
    return numbers[tensor.offset : end].reshape(tensor.shape)


def _rebuilt(
    store: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_gradients: object
) -> _StoredTensor:
    return _StoredTensor(store, offset, shape, strides)


def _refuse(name: str) -> NoReturn:
    raise UnexpectedNetworkError(f"the file of weights asks for {name}, which no weights need")
