"""Writes dlib's face recognition network out as an ONNX graph.

The network is `anet_type` of dlib's dnn_face_recognition example (29 convolutions, Davis E. King, CC0): a ResNet-34
with a few layers removed and half the filters. Its file stores every layer's weights in the order in which data flows
through the network, each tensor behind a header that states its shape; layers are therefore read by looking for the
next header of the expected shape. Batch normalisation is stored as `affine` (one gain and one offset a channel) and is
folded into the convolution before it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Weights = NDArray[np.float32]

CHIP_PX: Final = 150
RGB_MEAN: Final = (122.782, 117.001, 104.298)
"""dlib's input_rgb_image_sized: this mean is subtracted, the rest divided by 256."""
RGB_SCALE: Final = 1 / 256
STAGES: Final = ((32, 3), (64, 3), (128, 2), (256, 2), (256, 0))
"""Channels and size-keeping blocks of each stage; all but the first begin with a block that halves the size."""
EMBEDDING: Final = 128
TENSOR_VERSION: Final = 2
OPSET: Final = 15
IR_VERSION: Final = 8


class UnexpectedWeightsError(ValueError):
    """The file is not the network that this module knows."""


class DatReader:
    """Finds float32 tensors, one after another, in a file that dlib serialized."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def tensor(self, *shape: int) -> Weights:
        """Return the next tensor of that shape (samples, depth, rows, columns), flattened.

        Raises:
            UnexpectedWeightsError: there is none.
        """
        header = b"".join(_packed(value) for value in (TENSOR_VERSION, *shape))
        found = self._data.find(header, self._at)
        count = int(np.prod(shape))
        begin = found + len(header)
        if found < 0 or begin + 4 * count > len(self._data):
            raise UnexpectedWeightsError(f"no tensor of shape {shape} after byte {self._at}")
        self._at = begin + 4 * count
        return np.frombuffer(self._data, "<f4", count, begin).astype(np.float32)


def _packed(value: int) -> bytes:
    """Encode as dlib does: a byte with the number of bytes that follow, then those, least significant first."""
    length = (value.bit_length() + 7) // 8
    return bytes([length]) + value.to_bytes(length, "little")


class _GraphWriter:
    """Collects nodes and weights; every method takes and returns names of values."""

    def __init__(self, weights: DatReader) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._weights = weights

    def constant(self, value: NDArray[np.float32] | NDArray[np.int64]) -> str:
        name = f"constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operation: str, *inputs: str, **attributes: list[int]) -> str:
        name = f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], None, None, None, None, **attributes))
        return name

    def convolution(self, value: str, channels: tuple[int, int], *, kernel: int, stride: int, padding: int) -> str:
        """Convolution with the affine layer behind it folded in."""
        before, after = channels
        stored = self._weights.tensor(kernel * kernel * before * after + after, 1, 1, 1)
        affine = self._weights.tensor(2 * after, 1, 1, 1)
        gain, offset = affine[:after], affine[after:]
        kernels = stored[:-after].reshape(after, before, kernel, kernel) * gain[:, None, None, None]
        bias = stored[-after:] * gain + offset
        return self.node(
            "Conv",
            value,
            self.constant(kernels),
            self.constant(bias),
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[padding] * 4,
        )

    def block(self, value: str, channels: int) -> str:
        """Residual block that keeps size and channels."""
        inner = self.node("Relu", self.convolution(value, (channels, channels), kernel=3, stride=1, padding=1))
        outer = self.convolution(inner, (channels, channels), kernel=3, stride=1, padding=1)
        return self.node("Relu", self.node("Add", outer, value))

    def halving_block(self, value: str, channels: tuple[int, int], size: int) -> tuple[str, int]:
        """Residual block that halves the size; returns its value and its size.

        dlib adds tensors of unequal shape as if the smaller one were padded with zeros at its end.
        """
        before, after = channels
        inner = self.node("Relu", self.convolution(value, channels, kernel=3, stride=2, padding=0))
        outer = self.convolution(inner, (after, after), kernel=3, stride=1, padding=1)
        shortcut = self.node("AveragePool", value, kernel_shape=[2, 2], strides=[2, 2])
        pooled, convolved = size // 2, (size - 3) // 2 + 1
        if after != before:
            shortcut = self._padded(shortcut, channels=after - before)
        if pooled != convolved:
            outer = self._padded(outer, rows=pooled - convolved)
        return self.node("Relu", self.node("Add", outer, shortcut)), pooled

    def _padded(self, value: str, *, channels: int = 0, rows: int = 0) -> str:
        pads = np.array([0, 0, 0, 0, 0, channels, rows, rows], np.int64)
        return self.node("Pad", value, self.constant(pads))


def dlib_resnet_to_onnx(data: bytes) -> onnx.ModelProto:
    """Build the network from the bytes of `dlib_face_recognition_resnet_model_v1.dat`.

    The graph takes `chips`, float32 (n, 150, 150, 3), RGB 0 to 255, and yields `embedding`, float32 (n, 128).

    Raises:
        UnexpectedWeightsError: the bytes hold another network.
    """
    weights = DatReader(data)
    graph = _GraphWriter(weights)
    value = graph.node("Transpose", "chips", perm=[0, 3, 1, 2])
    value = graph.node("Sub", value, graph.constant(np.array(RGB_MEAN, np.float32).reshape(1, 3, 1, 1)))
    value = graph.node("Mul", value, graph.constant(np.array([RGB_SCALE], np.float32)))
    channels, _ = STAGES[0]
    value = graph.node("Relu", graph.convolution(value, (3, channels), kernel=7, stride=2, padding=0))
    size = (CHIP_PX - 7) // 2 + 1
    value = graph.node("MaxPool", value, kernel_shape=[3, 3], strides=[2, 2])
    size = (size - 3) // 2 + 1
    for stage, (after, blocks) in enumerate(STAGES):
        if stage:
            value, size = graph.halving_block(value, (channels, after), size)
        for _ in range(blocks):
            value = graph.block(value, after)
        channels = after
    value = graph.node("Flatten", graph.node("GlobalAveragePool", value))
    projection = weights.tensor(channels, EMBEDDING, 1, 1).reshape(channels, EMBEDDING)
    graph.nodes.append(helper.make_node("MatMul", [value, graph.constant(projection)], ["embedding"]))
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "dlib_face_recognition_resnet_model_v1",
            [helper.make_tensor_value_info("chips", TensorProto.FLOAT, ["n", CHIP_PX, CHIP_PX, 3])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", EMBEDDING])],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="",
        producer_version="",
    )
