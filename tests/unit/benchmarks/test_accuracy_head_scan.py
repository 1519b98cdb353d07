from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy.head_scan import ARCHIVE, head_scan, levelled, read_shape


def test_without_the_archive_it_is_said_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        head_scan(tmp_path)
    assert ARCHIVE in raised.value.filename


def test_another_file_of_that_name_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE).write_bytes(b"another")
    with pytest.raises(FileNotFoundError):
        head_scan(tmp_path)


def test_a_shape_is_read_with_the_places_of_its_corners_in_the_texture() -> None:
    shape = "# made\nmtllib a.mtl\n\nv 0 0 0\nv 1 0 0\nv 0 2 0\nv 1 2 3\n"
    points, triangles, corners = read_shape(shape + "vt 0.0 0.5\nvt 0.25 1.0\nf 1/1 2/2 3/1\nf 2/2 4/1 3/2\n")
    assert points.tolist() == [[0, 0, 0], [1, 0, 0], [0, 2, 0], [1, 2, 3]]
    assert triangles.tolist() == [[0, 1, 2], [1, 3, 2]]
    assert corners[0].tolist() == [[0.0, 0.5], [0.25, 1.0], [0.0, 0.5]]


def test_a_head_is_levelled_by_what_lies_on_its_two_sides() -> None:
    turn, lean = np.radians(25.0), np.radians(8.0)
    across = np.array([np.cos(turn) * np.cos(lean), np.sin(lean), -np.sin(turn) * np.cos(lean)])
    rotation = levelled(3 * across)
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    np.testing.assert_allclose(across @ rotation, (1.0, 0.0, 0.0), atol=1e-12)
    assert (np.array([0.0, 1.0, 0.0]) @ rotation)[1] > 0.98
