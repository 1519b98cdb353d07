"""Runs ONNX files on one thread: a worker analyses many sittings, so its models must not fight over the cores."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

Tensor = NDArray[Any]
LOG_ERRORS_ONLY = 3


class OnnxModel:
    """One loaded ONNX file. Not for use from several threads at once."""

    def __init__(self, path: Path, *, arena: bool = True) -> None:
        """Load; without the `arena`, memory of a run is given back after it, for models that are seldom asked."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = LOG_ERRORS_ONLY
        options.enable_cpu_mem_arena = arena
        if arena:
            _share_arena()
            options.add_session_config_entry("session.use_env_allocators", "1")
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.outputs: tuple[str, ...] = tuple(item.name for item in self._session.get_outputs())
        self.inputs: tuple[str, ...] = tuple(item.name for item in self._session.get_inputs())
        self.metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, **inputs: Tensor) -> dict[str, Tensor]:
        """Run once; inputs and outputs by name."""
        return dict(zip(self.outputs, self._session.run(None, inputs), strict=True))

    def run_first(self, tensor: Tensor) -> Tensor:
        """Run a model of one input; return its first output."""
        result: Tensor = self._session.run(self.outputs[:1], {self.inputs[0]: tensor})[0]
        return result


@cache
def _share_arena() -> None:
    """Let all models of the process work in the same memory: 77 MB less than one arena each; threads may share it."""
    place = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(place, None)


def planar(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(height, width, channels) to float32 (1, channels, height, width), values as they are."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32)
