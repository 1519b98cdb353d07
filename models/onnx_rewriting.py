"""Rewrites graphs into equal ones that onnxruntime runs faster on a processor; nothing is retrained or rounded.

Its convolutions work on blocks of channels (NCHWc). A node that knows no blocks, such as PRelu or Pad, makes it
rearrange the whole picture before and after; convolutions, Relu and Add do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_FREE_AXES: Final = 2
"""Batch and channels; the others are the picture's."""

Constants = dict[str, NDArray[Any]]


def rewrite(model: onnx.ModelProto) -> None:
    """Apply, in place, everything that this module knows."""
    split_prelus(model)
    pad_in_convolutions(model)


def split_prelus(model: onnx.ModelProto) -> None:
    """Write PRelu with a slope a channel as a * x + (1 - a) * relu(x), both products as convolutions of one pixel."""
    constants = _constants(model)
    nodes: list[onnx.NodeProto] = []
    weights = list(model.graph.initializer)
    for node in model.graph.node:
        slopes = constants.get(node.input[1]) if node.op_type == "PRelu" else None
        if slopes is None or slopes.size != slopes.shape[0]:
            nodes.append(node)
            continue
        name, channels = node.output[0], slopes.size
        below = slopes.reshape(channels, 1, 1, 1).astype(np.float32)
        weights += [numpy_helper.from_array(below, f"{name}/below")]
        weights += [numpy_helper.from_array(np.float32(1) - below, f"{name}/above")]
        each: dict[str, Any] = {"group": channels, "kernel_shape": [1, 1]}
        nodes += [
            helper.make_node("Relu", [node.input[0]], [f"{name}/relu"]),
            helper.make_node("Conv", [node.input[0], f"{name}/below"], [f"{name}/all"], **each),
            helper.make_node("Conv", [f"{name}/relu", f"{name}/above"], [f"{name}/positive"], **each),
            helper.make_node("Add", [f"{name}/all", f"{name}/positive"], [name]),
        ]
    _put(model, nodes, weights)


def pad_in_convolutions(model: onnx.ModelProto) -> None:
    """Let a convolution without padding of its own do what a Pad with zeros before it does."""
    constants = _constants(model)
    uses = Counter(name for node in model.graph.node for name in node.input)
    uses.update(output.name for output in model.graph.output)
    pads = {node.output[0]: node for node in model.graph.node if _pads_with_zeros(node, constants)}
    absorbed: set[str] = set()
    for node in model.graph.node:
        pad = pads.get(node.input[0]) if node.op_type == "Conv" and _has_no_padding(node) else None
        if pad is None or uses[pad.output[0]] != 1:
            continue
        amounts = [int(value) for value in constants[pad.input[1]]]
        half = len(amounts) // 2
        kept = [each for each in node.attribute if each.name not in ("auto_pad", "pads")]
        del node.attribute[:]
        node.attribute.extend(kept)
        node.attribute.append(helper.make_attribute("pads", amounts[_FREE_AXES:half] + amounts[half + _FREE_AXES :]))
        node.input[0] = pad.input[0]
        absorbed.add(pad.output[0])
    _put(model, [node for node in model.graph.node if node.output[0] not in absorbed], model.graph.initializer)


def _pads_with_zeros(node: onnx.NodeProto, constants: Constants) -> bool:
    """Whether a node adds a border of zeros to the picture's axes alone, by amounts that are known."""
    if node.op_type != "Pad" or (len(node.input) > 3 and node.input[3]):  # noqa: PLR2004 - the fourth names axes
        return False
    mode = next((each.s for each in node.attribute if each.name == "mode"), b"constant")
    fill = constants.get(node.input[2]) if len(node.input) > 2 and node.input[2] else np.zeros(1)  # noqa: PLR2004 - the third is the value
    amounts = constants.get(node.input[1])
    if mode != b"constant" or fill is None or np.any(fill) or amounts is None or np.any(amounts < 0):
        return False
    half = len(amounts) // 2
    return not np.any(amounts[:_FREE_AXES]) and not np.any(amounts[half : half + _FREE_AXES])


def _has_no_padding(node: onnx.NodeProto) -> bool:
    padding = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    return padding.get("auto_pad", b"NOTSET") in (b"NOTSET", b"VALID") and not any(padding.get("pads", ()))


def _constants(model: onnx.ModelProto) -> Constants:
    return {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}


def _put(model: onnx.ModelProto, nodes: Iterable[onnx.NodeProto], weights: Iterable[onnx.TensorProto]) -> None:
    """Replace the graph's nodes, with those of the weights that they use."""
    graph = model.graph
    kept = list(nodes)
    used = {name for node in kept for name in node.input}
    needed = [weight for weight in weights if weight.name in used]
    del graph.node[:]
    graph.node.extend(kept)
    del graph.initializer[:]
    graph.initializer.extend(needed)
