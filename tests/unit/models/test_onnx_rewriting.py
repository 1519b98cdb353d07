from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.onnx_rewriting import rewrite

RNG = np.random.default_rng(11)


def model_of(nodes: list[onnx.NodeProto], weights: dict[str, NDArray[np.generic]]) -> onnx.ModelProto:
    picture = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 9, 7])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    stored = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "g", [picture], [output], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def result_of(model: onnx.ModelProto, x: NDArray[np.float32]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    result: NDArray[np.float32] = session.run(None, {"x": x})[0]
    return result


def kinds(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def picture() -> NDArray[np.float32]:
    return RNG.normal(size=(1, 3, 9, 7)).astype(np.float32)


def test_a_prelu_becomes_convolutions_of_the_same_result() -> None:
    slopes = np.array([-0.5, 0.25, 1.7], np.float32).reshape(3, 1, 1)
    model = model_of([helper.make_node("PRelu", ["x", "a"], ["y"])], {"a": slopes})
    x = picture()
    expected = result_of(model, x)
    rewrite(model)
    assert "PRelu" not in kinds(model)
    assert "a" not in {weight.name for weight in model.graph.initializer}
    np.testing.assert_allclose(result_of(model, x), expected, atol=1e-6)


def test_a_prelu_with_a_slope_for_each_pixel_stays() -> None:
    slopes = RNG.normal(size=(3, 9, 7)).astype(np.float32)
    model = model_of([helper.make_node("PRelu", ["x", "a"], ["y"])], {"a": slopes})
    rewrite(model)
    assert kinds(model) == ["PRelu"]


def padded(amounts: list[int], *, fill: float = 0.0, **convolution: str) -> onnx.ModelProto:
    nodes = [
        helper.make_node("Pad", ["x", "amounts", "fill"], ["padded"]),
        helper.make_node("Conv", ["padded", "w"], ["y"], kernel_shape=[3, 3], strides=[2, 2], **convolution),
    ]
    weights: dict[str, NDArray[np.generic]] = {
        "amounts": np.array(amounts, np.int64),
        "fill": np.array(fill, np.float32),
        "w": RNG.normal(size=(4, 3, 3, 3)).astype(np.float32),
    }
    return model_of(nodes, weights)


def test_a_border_of_zeros_goes_into_the_convolution() -> None:
    model = padded([0, 0, 1, 0, 0, 0, 2, 1], auto_pad="VALID")
    x = picture()
    expected = result_of(model, x)
    rewrite(model)
    assert kinds(model) == ["Conv"]
    np.testing.assert_array_equal(result_of(model, x), expected)


@pytest.mark.parametrize(
    "model",
    [
        padded([0, 0, 1, 1, 0, 0, 1, 1], fill=3.0),
        padded([0, 0, 1, 1, 0, 0, 1, 1], auto_pad="SAME_UPPER"),
        padded([0, 0, -1, 0, 0, 0, 0, 0]),
    ],
    ids=["another value", "the convolution pads too", "cut off"],
)
def test_other_borders_stay(model: onnx.ModelProto) -> None:
    rewrite(model)
    assert kinds(model) == ["Pad", "Conv"]


def test_a_border_that_others_need_too_stays() -> None:
    model = padded([0, 0, 1, 1, 0, 0, 1, 1])
    model.graph.output.append(helper.make_tensor_value_info("padded", TensorProto.FLOAT, None))
    rewrite(model)
    assert kinds(model) == ["Pad", "Conv"]
