from __future__ import annotations

import numpy as np
import pytest

from models.dlib_resnet import DatReader, UnexpectedWeightsError, dlib_resnet_to_onnx


def tensor_bytes(values: np.ndarray, *shape: int) -> bytes:
    header = b"".join(
        bytes([(n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "little") for n in shape
    )
    return b"\x01\x02" + header + values.astype("<f4").tobytes()


def test_reads_tensors_in_order_past_whatever_lies_between() -> None:
    first, second = np.arange(6), np.arange(300) / 7
    data = b"junk" + tensor_bytes(first, 6, 1, 1, 1) + b"more junk" + tensor_bytes(second, 300, 1, 1, 1)
    reader = DatReader(data)
    np.testing.assert_array_equal(reader.tensor(6, 1, 1, 1), first.astype(np.float32))
    np.testing.assert_array_equal(reader.tensor(300, 1, 1, 1), second.astype(np.float32))


def test_a_truncated_file_is_refused() -> None:
    data = tensor_bytes(np.arange(6), 6, 1, 1, 1)[:-2]
    with pytest.raises(UnexpectedWeightsError):
        DatReader(data).tensor(6, 1, 1, 1)


def test_another_network_is_refused() -> None:
    with pytest.raises(UnexpectedWeightsError):
        dlib_resnet_to_onnx(b"not a network at all")
