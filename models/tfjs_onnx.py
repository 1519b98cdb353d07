"""Writes a TensorFlow.js graph out as ONNX: the operations that single-shot object detectors are made of.

TensorFlow keeps pictures as (n, height, width, channels), ONNX wants them as (n, channels, height, width) in
convolutions. Every value is therefore known by up to two names, one for each order, and turned only where an
operation needs the order that is not there. Two consecutive turns cancel out, so that a converted network computes in
the order of ONNX from beginning to end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.onnx_folding import fold_constants
from models.tfjs import Array, Node, TfjsGraph, UnexpectedGraphError

OPSET: Final = 18
IR_VERSION: Final = 8
TO_PLANAR: Final = [0, 3, 1, 2]
TO_CHANNELS_LAST: Final = [0, 2, 3, 1]
RELU6_LIMIT: Final = 6.0


@dataclass(frozen=True, slots=True)
class GraphInput:
    """Where the written graph begins, in place of a node of the original."""

    node: str
    name: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class GraphOutput:
    """A value of the original that the written graph gives out."""

    value: str
    name: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is to be written of a graph."""

    name: str
    input: GraphInput
    outputs: tuple[GraphOutput, ...]
    batch_of_one: bool = False
    """The original was frozen for one picture; the written graph takes any number."""


@dataclass(slots=True)
class _Value:
    """One value under its names; at least one is given."""

    plain: str | None = None
    """As TensorFlow orders it."""
    planar: str | None = None
    """A picture (n, height, width, channels), ordered as (n, channels, height, width)."""
    constant: Array | None = None


class _Writer:
    def __init__(self, graph: TfjsGraph, conversion: Conversion) -> None:
        self._conversion = conversion
        self._values: dict[str, _Value] = {name: _Value(constant=value) for name, value in graph.constants.items()}
        self._values[conversion.input.node] = _Value(plain=conversion.input.name)
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._single: dict[str, Callable[[Node], _Value]] = {
            "Add": self._sum,
            "AddN": self._sum,
            "AddV2": self._sum,
            "BiasAdd": self._sum,
            "ConcatV2": self._concat,
            "Conv2D": self._convolution,
            "DepthwiseConv2dNative": self._depthwise,
            "Exp": lambda node: self._each("Exp", node),
            "ExpandDims": lambda node: self._plain("Unsqueeze", self._name(node, 0), self._axes(node, 1)),
            "FusedBatchNorm": self._batch_norm,
            "Identity": lambda node: self._value(node.inputs[0]),
            "LeakyRelu": lambda node: self._each("LeakyRelu", node, alpha=node.number("alpha")),
            "MaxPool": self._max_pool,
            "Mul": lambda node: self._pair("Mul", node),
            "Pack": self._pack,
            "Pad": self._pad,
            "PadV2": self._pad,
            "Relu6": self._relu6,
            "Reshape": self._reshape,
            "ResizeBilinear": self._resize,
            "Shape": lambda node: self._plain("Shape", self._name(node, 0)),
            "Sigmoid": lambda node: self._each("Sigmoid", node),
            "Slice": self._slice,
            "SparseToDense": self._sparse_to_dense,
            "Squeeze": self._squeeze,
            "StridedSlice": self._strided_slice,
            "Sub": lambda node: self._pair("Sub", node),
            "Tile": lambda node: self._plain("Tile", self._name(node, 0), self._name(node, 1)),
            "Transpose": self._transpose,
        }
        self._several: dict[str, Callable[[Node], list[_Value]]] = {"SplitV": self._split, "Unpack": self._unpack}

    def write(self, node: Node) -> None:
        """Write one node, whose inputs are written.

        Raises:
            UnexpectedGraphError: an operation, or a use of it, that no detector here has.
        """
        if node.name in self._values:
            return
        if node.operation in self._several:
            values = self._several[node.operation](node)
            self._values[node.name] = values[0]
            self._values.update({f"{node.name}:{index}": value for index, value in enumerate(values)})
        elif node.operation in self._single:
            self._values[node.name] = self._single[node.operation](node)
        else:
            raise UnexpectedGraphError(f"{node.name}: there is no way to write {node.operation}")

    def give_out(self, output: GraphOutput) -> None:
        """Name a value as an output."""
        plain = self._plain_name(self._value(output.value))
        self.nodes.append(helper.make_node("Identity", [plain], [output.name]))

    def _value(self, name: str) -> _Value:
        return self._values[name]

    def _name(self, node: Node, index: int) -> str:
        return self._plain_name(self._value(node.inputs[index]))

    def _planar(self, node: Node, index: int = 0) -> str:
        return self._planar_name(self._value(node.inputs[index]))

    def _known(self, node: Node, index: int) -> Array:
        constant = self._value(node.inputs[index]).constant
        if constant is None:
            raise UnexpectedGraphError(f"{node.name}: input {index} should be a constant")
        return constant

    def _axes(self, node: Node, index: int) -> str:
        return self._constant(self._known(node, index).reshape(-1))

    def _plain_name(self, value: _Value) -> str:
        if value.plain is None:
            if value.constant is not None:
                value.plain = self._constant(value.constant)
            else:
                value.plain = self._emit("Transpose", str(value.planar), perm=TO_CHANNELS_LAST)
        return value.plain

    def _planar_name(self, value: _Value) -> str:
        if value.planar is None:
            value.planar = self._emit("Transpose", self._plain_name(value), perm=TO_PLANAR)
        return value.planar

    def _constant(self, value: Array) -> str:
        name = f"constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def _emit(self, operation: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401 - as ONNX has them
        return self._emit_several(operation, inputs, 1, **attributes)[0]

    def _emit_several(
        self,
        operation: str,
        inputs: Sequence[str],
        outputs: int,
        **attributes: Any,  # noqa: ANN401 - as ONNX has them
    ) -> list[str]:
        names = [f"{operation.lower()}_{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(operation, list(inputs), names, None, None, None, None, **attributes))
        return names

    def _plain(self, operation: str, *inputs: str, **attributes: Any) -> _Value:  # noqa: ANN401 - as ONNX has them
        return _Value(plain=self._emit(operation, *inputs, **attributes))

    def _each(self, operation: str, node: Node, *more: str, **attributes: float) -> _Value:
        """An operation on each element on its own, in whatever order the elements are."""
        value = self._value(node.inputs[0])
        if value.planar is not None:
            return _Value(planar=self._emit(operation, value.planar, *more, **attributes))
        return _Value(plain=self._emit(operation, self._plain_name(value), *more, **attributes))

    def _relu6(self, node: Node) -> _Value:
        limits = [self._constant(np.array(limit, np.float32)) for limit in (0.0, RELU6_LIMIT)]
        return self._each("Clip", node, *limits)

    def _sum(self, node: Node) -> _Value:
        constants = [self._value(name).constant for name in node.inputs]
        known = [constant for constant in constants if constant is not None]
        if len(known) == len(constants):
            return _Value(constant=np.add.reduce(known))
        return self._pair("Add", node)

    def _pair(self, operation: str, node: Node) -> _Value:
        """An operation on two values, each of one shape or the second a vector over the channels."""
        if len(node.inputs) != 2:  # noqa: PLR2004 - a pair
            raise UnexpectedGraphError(f"{node.name}: {operation} of {len(node.inputs)} values")
        values = [self._value(name) for name in node.inputs]
        if all(value.planar is None for value in values):
            return self._plain(operation, *(self._plain_name(value) for value in values))
        return _Value(planar=self._emit(operation, *(self._beside_planar(value) for value in values)))

    def _beside_planar(self, value: _Value) -> str:
        """Name of a value to be combined with a planar one."""
        if value.constant is None:
            return self._planar_name(value)
        if value.constant.ndim > 1:
            raise UnexpectedGraphError("only a number, or one for each channel, can be combined with a picture")
        return self._constant(value.constant.reshape(-1, 1, 1))

    def _concat(self, node: Node) -> _Value:
        axis = int(self._known(node, len(node.inputs) - 1))
        return self._plain("Concat", *(self._name(node, index) for index in range(len(node.inputs) - 1)), axis=axis)

    def _window(self, node: Node) -> dict[str, Any]:
        """Strides and padding that convolutions and pools share."""
        if node.word("data_format") != "NHWC" or any(step != 1 for step in node.integers("dilations")):
            raise UnexpectedGraphError(f"{node.name}: only NHWC without dilation is known")
        padding = {"SAME": "SAME_UPPER", "VALID": "VALID"}[node.word("padding")]
        return {"strides": node.integers("strides")[1:3], "auto_pad": padding}

    def _convolution(self, node: Node) -> _Value:
        weights = self._known(node, 1).transpose(3, 2, 0, 1)
        window = {**self._window(node), "kernel_shape": list(weights.shape[2:])}
        return _Value(planar=self._emit("Conv", self._planar(node), self._constant(weights), **window))

    def _depthwise(self, node: Node) -> _Value:
        stored = self._known(node, 1)
        rows, columns, channels, each = stored.shape
        weights = stored.transpose(2, 3, 0, 1).reshape(channels * each, 1, rows, columns)
        window = {**self._window(node), "kernel_shape": [rows, columns], "group": channels}
        return _Value(planar=self._emit("Conv", self._planar(node), self._constant(weights), **window))

    def _batch_norm(self, node: Node) -> _Value:
        if node.flag("is_training"):
            raise UnexpectedGraphError(f"{node.name}: the graph is still training")
        parameters = [self._constant(self._known(node, index)) for index in range(1, 5)]
        epsilon = node.number("epsilon")
        return _Value(planar=self._emit("BatchNormalization", self._planar(node), *parameters, epsilon=epsilon))

    def _max_pool(self, node: Node) -> _Value:
        window = {**self._window(node), "kernel_shape": node.integers("ksize")[1:3]}
        return _Value(planar=self._emit("MaxPool", self._planar(node), **window))

    def _pad(self, node: Node) -> _Value:
        before_and_after = self._known(node, 1).T.reshape(-1)
        fill = [self._name(node, 2)] if len(node.inputs) > 2 else []  # noqa: PLR2004 - PadV2 has a third, the value
        return self._plain("Pad", self._name(node, 0), self._constant(before_and_after), *fill)

    def _resize(self, node: Node) -> _Value:
        if node.flag("align_corners") or not node.flag("half_pixel_centers"):
            raise UnexpectedGraphError(f"{node.name}: only pixels with their centres at halves are known")
        sizes = self._constant(self._known(node, 1))
        return _Value(
            planar=self._emit(
                "Resize",
                self._planar(node),
                "",
                "",
                sizes,
                axes=[2, 3],
                mode="linear",
                coordinate_transformation_mode="half_pixel",
            )
        )

    def _reshape(self, node: Node) -> _Value:
        shape = self._value(node.inputs[1]).constant
        if shape is not None and self._conversion.batch_of_one and len(shape) and shape[0] == 1:
            shape = np.concatenate([np.zeros(1, np.int64), shape[1:]])  # 0 keeps what is there
        name = self._name(node, 1) if shape is None else self._constant(shape)
        return self._plain("Reshape", self._name(node, 0), name)

    def _transpose(self, node: Node) -> _Value:
        value = self._value(node.inputs[0])
        order = [int(axis) for axis in self._known(node, 1)]
        if order == TO_PLANAR:
            return _Value(plain=self._planar_name(value))
        if order == TO_CHANNELS_LAST:
            return _Value(planar=self._plain_name(value))
        return self._plain("Transpose", self._plain_name(value), perm=order)

    def _slice(self, node: Node) -> _Value:
        begin, size = self._known(node, 1), self._known(node, 2)
        end = np.where(size < 0, np.iinfo(np.int64).max, begin + size)
        return self._plain("Slice", self._name(node, 0), self._constant(begin), self._constant(end))

    def _strided_slice(self, node: Node) -> _Value:
        """One element of a vector, as shapes are taken apart."""
        masks = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask")
        if any(node.integer(mask) for mask in masks) or node.integer("shrink_axis_mask") != 1:
            raise UnexpectedGraphError(f"{node.name}: only taking one element is known")
        (index,) = self._known(node, 1)
        return self._plain("Gather", self._name(node, 0), self._constant(np.array(index, np.int64)), axis=0)

    def _squeeze(self, node: Node) -> _Value:
        axes = self._constant(np.array(node.integers("squeeze_dims"), np.int64))
        return self._plain("Squeeze", self._name(node, 0), axes)

    def _pack(self, node: Node) -> _Value:
        axis = node.integer("axis")
        at = self._constant(np.array([axis], np.int64))
        parts = [self._emit("Unsqueeze", self._name(node, index), at) for index in range(len(node.inputs))]
        return self._plain("Concat", *parts, axis=axis)

    def _unpack(self, node: Node) -> list[_Value]:
        axis, count = node.integer("axis"), node.integer("num")
        at = self._constant(np.array([axis], np.int64))
        parts = self._emit_several("Split", [self._name(node, 0)], count, axis=axis, num_outputs=count)
        return [self._plain("Squeeze", part, at) for part in parts]

    def _split(self, node: Node) -> list[_Value]:
        sizes, axis = self._known(node, 1), int(self._known(node, 2))
        inputs = [self._name(node, 0), self._constant(sizes)]
        return [_Value(plain=part) for part in self._emit_several("Split", inputs, len(sizes), axis=axis)]

    def _sparse_to_dense(self, node: Node) -> _Value:
        places, shape, values, default = (self._known(node, index) for index in range(4))
        dense = np.full(shape, default)
        dense[tuple(places.T)] = values
        return _Value(constant=dense)


def to_onnx(graph: TfjsGraph, conversion: Conversion) -> onnx.ModelProto:
    """Write the part of the graph between the input and the outputs.

    Raises:
        UnexpectedGraphError: the graph has an operation, or a name is missing, that this module does not know.
    """
    writer = _Writer(graph, conversion)
    wanted = [output.value for output in conversion.outputs]
    for node in graph.ordered(wanted, [conversion.input.node, *graph.constants]):
        writer.write(node)
    for output in conversion.outputs:
        writer.give_out(output)
    model = helper.make_model(
        helper.make_graph(
            writer.nodes,
            conversion.name,
            [helper.make_tensor_value_info(conversion.input.name, TensorProto.FLOAT, conversion.input.shape)],
            [helper.make_tensor_value_info(out.name, TensorProto.FLOAT, out.shape) for out in conversion.outputs],
            writer.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="",
        producer_version="",
    )
    fold_constants(model)
    return model
