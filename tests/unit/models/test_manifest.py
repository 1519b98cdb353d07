from __future__ import annotations

import re
from importlib import resources

import pytest

from models.manifest import Derivation, ModelEntry, load_calibration, load_manifest
from proctor.analyzers.identity import FUSED_THRESHOLD

SHA256 = re.compile(r"[0-9a-f]{64}")
ENTRIES = list(load_manifest().values())


def test_names_the_models_that_the_analyzers_ask_for() -> None:
    known = [
        "yunet",
        "sface",
        "dlib_resnet",
        "face_mesh",
        "nanodet",
        "coco_ssd",
        "body_pose",
        "silero_vad",
        "voice_encoder",
        "text_finder",
        "text_reader",
    ]
    assert list(load_manifest()) == known


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_file_is_pinned_and_told_about(entry: ModelEntry) -> None:
    assert SHA256.fullmatch(entry.sha256)
    assert SHA256.fullmatch(entry.source.sha256)
    assert all(SHA256.fullmatch(companion.sha256) for companion in entry.companions)
    assert entry.licence
    assert entry.input


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_model_has_a_card_that_says_source_licence_cost_and_limits(entry: ModelEntry) -> None:
    card = resources.files("models").joinpath(entry.card).read_text(encoding="utf-8")
    assert all(word in card for word in ("| source |", "| licence |", "| cost |"))
    assert "Limits" in card or "Known error rates" in card


def test_what_is_copied_keeps_its_hash() -> None:
    kept = [entry for entry in ENTRIES if entry.derivation in (Derivation.COPY, Derivation.IN_PLACE)]
    assert kept
    assert all(entry.sha256 == entry.source.sha256 for entry in kept)


def test_the_stated_false_match_rate_belongs_to_the_threshold_in_use() -> None:
    calibration = load_calibration("face_verification")
    assert calibration.threshold == FUSED_THRESHOLD
    assert 0 < calibration.false_match_rate < 1e-3
    assert calibration.false_match_rate < calibration.false_match_rate_upper
    assert "these same pictures" in calibration.evidence


def test_the_calibration_belongs_to_the_models_of_the_manifest() -> None:
    calibration = load_calibration("face_verification")
    manifest = load_manifest()
    assert calibration.versions == {encoder.model: manifest[encoder.model].version for encoder in calibration.encoders}
