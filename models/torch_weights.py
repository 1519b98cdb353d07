"""Reads files of weights in PyTorch's older format: five pickles, then the numbers.

They are read without PyTorch and by an unpickler that knows only the few names such a file needs, so that the file
cannot run anything.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from models.silero_steps import UnexpectedNetworkError

Weights = NDArray[np.float32]

MAGIC: Final = 0x1950A86A20F9469CFC6C
FORMAT: Final = 1001
NUMBERS: Final[Mapping[str, str]] = {"FloatStorage": "<f4", "LongStorage": "<i8"}
"""How the numbers of a kind of store are written."""


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A view into one of the stores of numbers at the end of the file."""

    store: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return int(np.prod(self.shape))

    @property
    def is_contiguous(self) -> bool:
        """Whether its numbers lie one after another."""
        expected = [int(np.prod(self.shape[place + 1 :])) for place in range(len(self.shape))]
        return list(self.strides) == expected


class _WeightsOnly(pickle.Unpickler):
    """Reads tensors' places and plain values; refuses every other name. `written` says how each store's numbers are."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self.written: dict[str, str] = {}

    def find_class(self, module_name: str, global_name: str) -> Any:  # noqa: ANN401 - as pickle declares it
        """Resolve one of the names that a file of weights holds."""
        if (module_name, global_name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module_name, global_name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if module_name == "torch" and global_name in NUMBERS:
            return NUMBERS[global_name]
        return _refuse(f"{module_name}.{global_name}")

    def persistent_load(self, pid: Any) -> str:  # noqa: ANN401 - as pickle declares it
        """Name of a store."""
        match pid:
            case ("storage", str() as numbers, str() as key, _, int(), None) if numbers in NUMBERS.values():
                self.written[key] = numbers
                return key
        return _refuse(repr(pid)[:80])


def read_torch_weights(data: bytes, tensors_of: Callable[[Any], Mapping[str, StoredTensor]]) -> dict[str, Weights]:
    """Tensors by name, in the file's order.

    Args:
        data: the file's bytes.
        tensors_of: where the tensors stand in what the file holds.

    Raises:
        UnexpectedNetworkError: not such a file, cut short, or it names more than weights.
    """
    stream = io.BytesIO(data)
    try:
        if (_plain(stream), _plain(stream)) != (MAGIC, FORMAT):
            raise UnexpectedNetworkError("not a file of PyTorch's older format")
        _plain(stream)
        contents = _WeightsOnly(stream)
        tensors = tensors_of(contents.load())
        stores = {key: _numbers(stream, contents.written[key]) for key in _plain(stream)}
        return {name: _placed(tensor, stores[tensor.store]) for name, tensor in tensors.items()}
    except (
        pickle.UnpicklingError,
        EOFError,
        struct.error,
        LookupError,
        TypeError,
        AttributeError,
        ValueError,
    ) as error:
        if isinstance(error, UnexpectedNetworkError):
            raise
        raise UnexpectedNetworkError(f"the file of weights cannot be read: {error}") from error


def _plain(stream: io.BytesIO) -> Any:  # noqa: ANN401 - whatever plain value the pickle holds
    return _WeightsOnly(stream).load()


def _numbers(stream: io.BytesIO, written: str) -> Weights:
    (count,) = struct.unpack("<q", stream.read(8))
    size = np.dtype(written).itemsize * count
    raw = stream.read(size)
    if count < 0 or len(raw) != size:
        raise UnexpectedNetworkError("the file of weights ends early")
    return np.frombuffer(raw, written).astype(np.float32)


def _placed(tensor: StoredTensor, numbers: Weights) -> Weights:
    end = tensor.offset + tensor.size
    if tensor.offset < 0 or end > len(numbers) or not tensor.is_contiguous:
        raise UnexpectedNetworkError("a tensor does not lie within its store")
    return numbers[tensor.offset : end].reshape(tensor.shape)


def _rebuilt(
    store: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_gradients: object
) -> StoredTensor:
    return StoredTensor(store, offset, shape, strides)


def _refuse(name: str) -> NoReturn:
    raise UnexpectedNetworkError(f"the file of weights asks for {name}, which no weights need")
