from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from models.registry import InstalledModels
from models.tfjs import UnexpectedGraphError, read_tfjs
from models.tfjs_onnx import Conversion, GraphInput, GraphOutput, to_onnx

REFERENCES = Path(__file__).resolve().parents[4] / "shared" / "models"
Weights = Mapping[str, NDArray[Any]]


def op(name: str, operation: str, inputs: Sequence[str] = (), **attributes: object) -> dict[str, object]:
    return {"name": name, "op": operation, "input": list(inputs), "attr": attributes}


def text(word: str) -> dict[str, object]:
    return {"s": list(word.encode())}


def ints(*values: int) -> dict[str, object]:
    return {"list": {"i": [str(value) for value in values]}}


def stored(nodes: list[dict[str, object]], weights: Weights) -> tuple[bytes, list[bytes]]:
    entries = [
        {"name": name, "shape": list(value.shape), "dtype": "int32" if value.dtype.kind == "i" else "float32"}
        for name, value in weights.items()
    ]
    constants = [op(name, "Const") for name in weights]
    document = {
        "modelTopology": {"node": [*constants, *nodes]},
        "weightsManifest": [{"paths": ["w.bin"], "weights": entries}],
    }
    return json.dumps(document).encode(), [value.tobytes() for value in weights.values()]


def run(
    nodes: list[dict[str, object]], weights: Weights, pixels: NDArray[np.float32], output: str
) -> tuple[NDArray[np.float32], onnx.ModelProto]:
    model = to_onnx(
        read_tfjs(*stored(nodes, weights)),
        Conversion(
            "test",
            GraphInput("in", "pixels", tuple(pixels.shape)),
            (GraphOutput(output, "out", tuple(f"d{axis}" for axis in range(4))),),
        ),
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"pixels": pixels})[0], model


DEPTHWISE = "DepthwiseConv2dNative"
WINDOW = {"data_format": text("NHWC"), "dilations": ints(1, 1, 1, 1)}


def test_a_strided_convolution_pads_as_tensorflow_does_and_keeps_its_order_of_axes() -> None:
    pixels = np.arange(4 * 4 * 2, dtype=np.float32).reshape(1, 4, 4, 2)
    kernel = np.random.default_rng(0).normal(size=(3, 3, 2, 3)).astype(np.float32)
    bias = np.array([1.0, 2.0, 3.0], np.float32)
    nodes = [
        op("in", "Placeholder"),
        op("conv", "Conv2D", ["in", "kernel"], strides=ints(1, 2, 2, 1), padding=text("SAME"), **WINDOW),
        op("sum", "BiasAdd", ["conv", "bias"]),
    ]
    found, model = run(nodes, {"kernel": kernel, "bias": bias}, pixels, "sum")
    padded = np.pad(pixels[0], ((0, 1), (0, 1), (0, 0)))  # SAME at an even size and stride 2 pads after, not before
    expected = np.array(
        [
            [np.tensordot(padded[2 * row : 2 * row + 3, 2 * column : 2 * column + 3], kernel, 3) for column in range(2)]
            for row in range(2)
        ]
    )
    np.testing.assert_allclose(found[0], expected + bias, rtol=1e-5, atol=1e-4)
    assert [node.op_type for node in model.graph.node].count("Transpose") == 2


def test_each_channel_has_its_own_kernel_in_a_depthwise_convolution() -> None:
    pixels = np.random.default_rng(1).normal(size=(2, 3, 3, 2)).astype(np.float32)
    kernel = np.random.default_rng(2).normal(size=(3, 3, 2, 1)).astype(np.float32)
    nodes = [
        op("in", "Placeholder"),
        op(
            "conv", "DepthwiseConv2dNative", ["in", "kernel"], strides=ints(1, 1, 1, 1), padding=text("VALID"), **WINDOW
        ),
        op("clipped", "Relu6", ["conv"]),
    ]
    found, _ = run(nodes, {"kernel": kernel}, pixels, "clipped")
    expected = np.clip((pixels * kernel[None, ..., 0]).sum(axis=(1, 2)), 0, 6)
    np.testing.assert_allclose(found[:, 0, 0], expected, rtol=1e-5, atol=1e-5)


def test_turning_there_and_back_leaves_nothing_behind() -> None:
    pixels = np.random.default_rng(3).normal(size=(1, 2, 4, 4)).astype(np.float32)
    nodes = [
        op("in", "Placeholder"),
        op("last", "Transpose", ["in", "to_last"]),
        op("leaky", "LeakyRelu", ["last"], alpha={"f": 0.1}),
        op("first", "Transpose", ["leaky", "to_first"]),
    ]
    weights = {"to_last": np.array([0, 2, 3, 1], np.int32), "to_first": np.array([0, 3, 1, 2], np.int32)}
    found, model = run(nodes, weights, pixels, "first")
    np.testing.assert_allclose(found, np.where(pixels > 0, pixels, 0.1 * pixels), rtol=1e-6)
    assert [node.op_type for node in model.graph.node] == ["LeakyRelu", "Identity"]


def test_an_unknown_operation_a_loop_and_lost_weights_are_refused() -> None:
    conversion = Conversion("test", GraphInput("in", "pixels", (1,)), (GraphOutput("out", "out", (1,)),))
    with pytest.raises(UnexpectedGraphError, match="no way to write Fft"):
        to_onnx(read_tfjs(*stored([op("in", "Placeholder"), op("out", "Fft", ["in"])], {})), conversion)
    circle = [op("in", "Placeholder"), op("out", "Add", ["in", "back"]), op("back", "Exp", ["out"])]
    with pytest.raises(UnexpectedGraphError, match="circle"):
        to_onnx(read_tfjs(*stored(circle, {})), conversion)
    with pytest.raises(UnexpectedGraphError, match="no node out"):
        to_onnx(read_tfjs(*stored([op("in", "Placeholder")], {})), conversion)
    model, weights = stored([], {"w": np.zeros(4, np.float32)})
    with pytest.raises(UnexpectedGraphError):
        read_tfjs(model, [weights[0][:-4]])
    with pytest.raises(UnexpectedGraphError, match="belong to nothing"):
        read_tfjs(model, [*weights, b"rest"])
    with pytest.raises(UnexpectedGraphError):
        read_tfjs(b"{}", [])


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("model", "reference", "given"),
    [("nanodet", "nanodet.onnx", "input_1:0"), ("coco_ssd", "cocossd.onnx", "image_tensor:0")],
)
def test_the_converted_detectors_compute_what_tensorflows_own_converter_makes_of_them(
    model: str, reference: str, given: str
) -> None:
    ours = onnxruntime.InferenceSession(InstalledModels().path(model), providers=["CPUExecutionProvider"])
    theirs = onnxruntime.InferenceSession(REFERENCES / reference, providers=["CPUExecutionProvider"])
    shape = [2 if axis == "n" else axis for axis in ours.get_inputs()[0].shape]
    pixels = np.random.default_rng(4).integers(0, 256, shape).astype(np.uint8)
    stored_type = np.uint8 if theirs.get_inputs()[0].type == "tensor(uint8)" else np.float32
    found = ours.run(None, {"pixels": pixels.astype(np.float32)})
    expected = [theirs.run(None, {given: pixels[index : index + 1].astype(stored_type)}) for index in range(2)]
    by_width = [np.concatenate([each[index] for each in expected]) for index in range(len(expected[0]))]
    for value in found:
        (same,) = [other for other in by_width if other.shape == value.shape]
        np.testing.assert_allclose(value, same, atol=2e-5)
