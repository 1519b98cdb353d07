"""Turns block-quantized ONNX files into plain float32 ones.

OpenCV Zoo's int8bq files keep their weights as int8 blocks with DequantizeLinear in front (ONNX opset 21); onnxruntime
would dequantize on every run. Every node that depends on constants alone is evaluated once, by ONNX's own reference
implementation, and replaced by its result.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

Constants = dict[str, NDArray[Any]]


def folded(source: bytes, *, any_size: bool) -> onnx.ModelProto:
    """Read a file and fold its constants; with `any_size` height and width of the picture become free."""
    model = onnx.load_model_from_string(source)
    fold_constants(model)
    if any_size:
        free_picture_size(model)
    return model


def fold_constants(model: onnx.ModelProto) -> None:
    """Replace, in place, every node whose inputs are all constant by the constant that it yields."""
    graph = model.graph
    constants: Constants = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    remaining = []
    for node in graph.node:
        if node.input and all(name in constants for name in node.input):
            constants.update(_evaluate(node, constants, model))
        else:
            remaining.append(node)
    used = {name for node in remaining for name in node.input}
    weights = [
        numpy_helper.from_array(np.asarray(value, order="C"), name) for name, value in constants.items() if name in used
    ]
    inputs = [item for item in graph.input if item.name in used and item.name not in constants]
    _replace(graph.node, remaining)
    _replace(graph.initializer, weights)
    _replace(graph.input, inputs)
    _replace(graph.value_info, [])


def free_picture_size(model: onnx.ModelProto) -> None:
    """Let height and width of the NCHW input, and the number of rows of every output, vary from run to run."""
    height, width = model.graph.input[0].type.tensor_type.shape.dim[2:]
    height.dim_param = "height"
    width.dim_param = "width"
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"rows_{output.name}"


def _evaluate(node: onnx.NodeProto, constants: Constants, model: onnx.ModelProto) -> Constants:
    inputs = {name: constants[name] for name in node.input}
    graph = onnx.helper.make_graph(
        [node],
        "constant",
        [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in inputs.items()
        ],
        [onnx.helper.make_empty_tensor_value_info(name) for name in node.output],
    )
    single = onnx.helper.make_model(graph, opset_imports=model.opset_import)
    return dict(zip(node.output, ReferenceEvaluator(single).run(None, inputs), strict=True))


def _replace(field: Any, items: list[Any]) -> None:  # noqa: ANN401 - protobuf's repeated fields have no public type
    del field[:]
    field.extend(items)
