from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from models.onnx_folding import fold_constants


def quantized_model() -> onnx.ModelProto:
    """y = x @ dequantize(w), blocks of 2 along the first axis, with an input that nothing uses."""
    weights = numpy_helper.from_array(np.arange(-6, 6, dtype=np.int8).reshape(4, 3), "w")
    scales = numpy_helper.from_array(np.array([[0.5, 1, 2], [4, 8, 16]], np.float32), "s")
    zeros = numpy_helper.from_array(np.ones((2, 3), np.int8), "z")
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["wf"], axis=0, block_size=2),
        helper.make_node("MatMul", ["x", "wf"], ["y"]),
    ]
    inputs = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4]),
        helper.make_tensor_value_info("unused", TensorProto.FLOAT, [1]),
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, [weights, scales, zeros])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def test_constant_nodes_become_weights_and_the_result_stays() -> None:
    model = quantized_model()
    fold_constants(model)
    assert [node.op_type for node in model.graph.node] == ["MatMul"]
    assert [item.name for item in model.graph.input] == ["x"]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = np.array([[1, 10, 100, 1000]], np.float32)
    blocks = np.repeat(np.array([[0.5, 1, 2], [4, 8, 16]], np.float32), 2, axis=0)
    expected = x @ ((np.arange(-6, 6, dtype=np.float32).reshape(4, 3) - 1) * blocks)
    np.testing.assert_allclose(session.run(None, {"x": x})[0], expected)
