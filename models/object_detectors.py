"""What is taken of the two object detectors' TensorFlow.js graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import onnx

from models.tfjs import read_tfjs
from models.tfjs_onnx import Conversion, GraphInput, GraphOutput, to_onnx

NANODET_STRIDES: Final = {8: 2704, 16: 676, 32: 169}
"""Cells of the grid at each stride of a picture of 416 x 416."""
COCO_CLASSES: Final = 80
BOX_BINS: Final = 44
"""Eleven bins for each of the four sides."""

NANODET: Final = Conversion(
    name="nanodet_416",
    input=GraphInput("input_1", "pixels", ("n", 3, 416, 416)),
    outputs=tuple(
        GraphOutput(value, f"{kind}_{stride}", ("n", cells, width))
        for kind, width, values in (
            ("classes", COCO_CLASSES, ("Identity", "Identity_1", "Identity_2")),
            ("sides", BOX_BINS, ("Identity_3", "Identity_4", "Identity_5")),
        )
        for value, (stride, cells) in zip(values, NANODET_STRIDES.items(), strict=True)
    ),
    batch_of_one=True,
)

SSD_ANCHORS: Final = 1917
SSD_CLASSES: Final = 90
"""COCO's identifiers 1 to 90, of which 80 are in use."""

COCO_SSD: Final = Conversion(
    name="ssdlite_mobilenet_v2_coco",
    # The loop before this node only scales each picture to 300 x 300.
    input=GraphInput("Preprocessor/map/TensorArrayStack/TensorArrayGatherV3", "pixels", ("n", 300, 300, 3)),
    outputs=(
        GraphOutput("Postprocessor/Slice", "scores", ("n", SSD_ANCHORS, SSD_CLASSES)),
        GraphOutput("Postprocessor/ExpandDims_1", "boxes", ("n", SSD_ANCHORS, 1, 4)),
    ),
)


def detector_to_onnx(model: bytes, weights: Sequence[bytes], *, is_nanodet: bool) -> onnx.ModelProto:
    """Write one of the two detectors out, from the bytes of its JSON file and of its weight files.

    Raises:
        UnexpectedGraphError: the bytes hold another graph.
    """
    return to_onnx(read_tfjs(model, weights), NANODET if is_nanodet else COCO_SSD)
