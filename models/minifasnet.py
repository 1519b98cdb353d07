"""Writes the MiniFASNet pair out as ONNX graphs, from the PyTorch weights that their makers publish.

The network (minivision-ai, Silent-Face-Anti-Spoofing, Apache-2.0) is a chain: the file of weights names its layers in
the order in which data flows, so the graph follows from the names and shapes. `conv_23`, `conv_34` and `conv_45` halve
the size; the blocks in `model` add their input to their output; a block may weigh its channels (`se_module`). Batch
normalisation after a convolution is folded into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.silero_steps import UnexpectedNetworkError
from models.torch_weights import Weights, read_torch_weights

PICTURE_PX: Final = 80
CLASSES: Final = 3
PREFIX: Final = "module."
HALVING: Final = ("conv1", "conv_23.conv_dw", "conv_34.conv_dw", "conv_45.conv_dw")
UNPADDED: Final = "conv_6_dw"
NORM_EPSILON: Final = 1e-5
"""PyTorch's own default, which the makers kept."""
OPSET: Final = 15
IR_VERSION: Final = 8


def read_weights(data: bytes) -> dict[str, Weights]:
    """Tensors by name, in the file's order, which is the order in which data flows.

    Raises:
        UnexpectedNetworkError: not a file of weights, cut short, or it names more than weights.
    """
    tensors = read_torch_weights(data, lambda state: state)
    return {name.removeprefix(PREFIX): values for name, values in tensors.items()}


class _GraphWriter:
    """Collects nodes and constants; every method takes and returns names of values."""

    def __init__(self, weights: dict[str, Weights]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._weights = weights

    def layers(self) -> Iterator[str]:
        """Names of the convolutions, in the order of data."""
        for name, values in self._weights.items():
            if name.endswith(".weight") and values.ndim == 4:  # noqa: PLR2004 - a convolution's weights
                yield name.removesuffix(".weight")

    def constant(self, value: NDArray[np.float32] | NDArray[np.int64]) -> str:
        name = f"constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operation: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401 - as ONNX types them
        name = f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name=name, **attributes))
        return name

    def norm(self, name: str) -> tuple[Weights, Weights]:
        """Gain and offset that a batch normalisation comes to."""
        part = self._weights
        gain = part[f"{name}.weight"] / np.sqrt(part[f"{name}.running_var"] + NORM_EPSILON)
        return gain, part[f"{name}.bias"] - part[f"{name}.running_mean"] * gain

    def convolution(self, value: str, name: str, norm: str) -> str:
        weights = self._weights[f"{name}.weight"]
        gain, offset = self.norm(norm)
        outputs, inputs_a_group, side, _ = weights.shape
        block = name.removesuffix(".conv")
        stride = 2 if block in HALVING else 1
        pad = 0 if block == UNPADDED else side // 2
        return self.node(
            "Conv",
            value,
            self.constant((weights * gain[:, None, None, None]).astype(np.float32)),
            self.constant(offset.astype(np.float32)),
            group=outputs if inputs_a_group == 1 else 1,
            kernel_shape=[side, side],
            pads=[pad] * 4,
            strides=[stride, stride],
        )

    def bent(self, value: str, block: str) -> str:
        """PReLU where the block has one."""
        slope = self._weights.get(f"{block}.prelu.weight")
        return value if slope is None else self.node("PRelu", value, self.constant(slope.reshape(-1, 1, 1)))

    def weighed(self, value: str, module: str) -> str:
        """Squeeze and excitation: channels weighed by what the whole picture holds of them."""
        pooled = self.node("GlobalAveragePool", value)
        squeezed = self.node("Relu", self.convolution(pooled, f"{module}.fc1", f"{module}.bn1"))
        excited = self.node("Sigmoid", self.convolution(squeezed, f"{module}.fc2", f"{module}.bn2"))
        return self.node("Mul", value, excited)

    def classified(self, value: str) -> str:
        gain, offset = self.norm("bn")
        flat = self.node("Flatten", value, axis=1)
        features = self._weights["linear.weight"].T * gain
        hidden = self.node("MatMul", flat, self.constant(features.astype(np.float32)))
        moved = self.node("Add", hidden, self.constant(offset.astype(np.float32)))
        return self.node("MatMul", moved, self.constant(self._weights["prob.weight"].T))

    def __contains__(self, name: str) -> bool:
        return name in self._weights


def minifasnet_to_onnx(data: bytes) -> onnx.ModelProto:
    """The graph: BGR picture 1x3x80x80, 0 to 255, in; three class scores before softmax out (class 1: a person).

    Raises:
        UnexpectedNetworkError: the bytes are not this network's weights.
    """
    writer = _GraphWriter(read_weights(data))
    try:
        output = writer.classified(_chained(writer))
    except (KeyError, ValueError) as error:
        raise UnexpectedNetworkError(f"not MiniFASNet: {error}") from error
    graph = helper.make_graph(
        writer.nodes,
        "minifasnet",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, PICTURE_PX, PICTURE_PX])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, CLASSES])],
        writer.initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="proctor")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    return model


def _chained(writer: _GraphWriter) -> str:
    """All convolutions, one after another, with the sums around the blocks in `model`."""
    value = shortcut = "picture"
    for layer in writer.layers():
        if ".se_module." in layer:
            continue
        block = layer.removesuffix(".conv")
        if block.endswith(".conv"):
            shortcut = value
        value = writer.bent(writer.convolution(value, layer, f"{block}.bn"), block)
        if block.endswith(".project"):
            value = _summed(writer, value, shortcut, block.removesuffix(".project"))
    return value


def _summed(writer: _GraphWriter, value: str, shortcut: str, block: str) -> str:
    if ".model." not in block:
        return value
    if f"{block}.se_module.fc1.weight" in writer:
        value = writer.weighed(value, f"{block}.se_module")
    return writer.node("Add", shortcut, value)
