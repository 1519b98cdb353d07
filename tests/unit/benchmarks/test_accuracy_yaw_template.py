from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.yaw_template import (
    fitted_half,
    frontal_portraits,
    held_out_half,
    lean_and_stretch,
    template_of,
)
from proctor.analyzers.head_pose import MIDDLE, RIGHT_SIDE, TEMPLATE, TEMPLATE_POINTS


def test_nobody_is_in_both_halves_and_everybody_has_one_picture(tmp_path: Path) -> None:
    lines = [
        f"images/{who}_{number}.jpg,{who},{age}" for who, age in (("c", 30), ("a", 20), ("b", "")) for number in "12"
    ]
    (tmp_path / "face_pairs").mkdir()
    (tmp_path / "face_pairs" / "images.csv").write_text("\n".join(["file,person_id,age", *lines]), encoding="utf-8")
    people = frontal_portraits(LabelledData(tmp_path))
    assert [(who, path.name) for who, path in people] == [("a", "a_1.jpg"), ("c", "c_1.jpg")]
    assert not set(fitted_half(people)) & set(held_out_half(people))
    assert sorted([*fitted_half(people), *held_out_half(people)]) == people


def test_the_template_is_the_symmetric_mean_of_meshes_of_any_size_and_place() -> None:
    meshes = []
    for size, lopsided in ((40.0, 0.05), (90.0, -0.05)):
        mesh = np.zeros((478, 3))
        mesh[TEMPLATE_POINTS] = (TEMPLATE + (0.0, lopsided, 0.0) * np.sign(TEMPLATE[:, :1])) * (size, -size, -size)
        meshes.append(mesh + np.array([300.0, 200.0, 5.0]))
    assert template_of(meshes) == pytest.approx(np.array([*RIGHT_SIDE, *((0.0, y, z) for y, z in MIDDLE)]), abs=0.005)


def test_lean_and_stretch_are_found_again_in_turns_that_were_measured_with_them() -> None:
    turned = np.arange(-40.0, 41.0, 5.0)
    true = 0.85 * turned + 0.015 * turned * np.abs(turned) - 0.0002 * turned**3
    lean, stretch = lean_and_stretch(true, turned + 0.7, -turned + 0.7)
    assert lean == pytest.approx(0.7)
    assert stretch == pytest.approx((0.85, 0.015, -0.0002))
