"""Puts the results into words and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.accuracy.sections import SECTIONS, Section
from benchmarks.accuracy.tables import Json, headline_row, paragraph, table

SUMMARY_HEADER = ("sense", "measure", "figure (95 %)", "target", "met")
FIXED_HEADER = ("at fixed false alarms", "false alarm rate", "detected", "cases without", "enough of them for the rate")
LIMITS = (
    "**What these figures are worth.** The sets are small and were made by others for other purposes, with few webcams "
    "among them. Intervals resample whole persons, recordings, clips or sittings (percentile bootstrap, 2,000 draws, "
    "fixed seed; n is their number); a figure without any error is bounded by the rule of three over the same n. "
    "Most thresholds were chosen with this data in view; each section says which: such figures are **not held out** "
    "and "
    "flatter. Nothing here says how well a sense works for one origin, age, language or kind of light; repeat it on "
    "your "
    "own people before you lean on a figure: `python3 run.py bench accuracy --data FOLDER`, a folder laid out as "
    "described at the end."
)
LAYOUT = (
    ("multi_face/labels.csv", "file, people_bucket (0, 1, 2, 3+), people_min, faces_clear"),
    ("video/labels.csv, video/events.csv", "file, people, ...; file, start_s, end_s, event"),
    ("face_pairs/images.csv, face_pairs/pairs.csv", "file, person_id, gender, ethnicity; file_a, file_b, same, group"),
    ("head_pose/labels.csv", "file, yaw_toward (left, frontal, right in the picture)"),
    ("audio/labels.csv, audio/segments.csv", "file, label, speakers; file, start_s, end_s"),
    ("presentation_attack/labels.csv", "file, label (real, attack), attack_type"),
    ("objects/labels.csv", "file, label, count"),
    ("room_scan/labels.csv", "file, total_turn_deg, covers_full_circle, kind"),
    ("id_documents/labels.csv", "file, mrz_1, mrz_2, mrz_3, mrz_check"),
)


def as_markdown(result: Json, folder: str = "pictures") -> str:
    """The whole report.

    Args:
        result: what `measure` gave; its `pictures` hold, by section, the name and caption of each picture.
        folder: where these lie, relative to the report.
    """
    lines = ["# Accuracy", "", _provenance(result), "", LIMITS, *_summary(result)]
    for section in SECTIONS:
        lines += ["", f"## {section.title}"]
        lines += _body(section, result)
        for name, caption in result.get("pictures", {}).get(section.key, {}).items():
            lines += ["", f"![{caption}]({folder}/{name})"]
    lines += _cost(result["cost_ms"])
    lines += _layout()
    return "\n".join(lines) + "\n"


def draw_all(result: Json, folder: Path) -> dict[str, dict[str, str]]:
    """Write every section's pictures into the folder; their names and captions by section."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {}
    for section in SECTIONS:
        if section.draw is not None and section.key in result:
            drawn[section.key] = section.draw(result[section.key], folder)
    return drawn


def _body(section: Section, result: Json) -> list[str]:
    if section.key not in result:
        return paragraph(f"Not measured: {result['left_out'].get(section.key, 'left out of this run')}.")
    return section.report(result[section.key])


def _summary(result: Json) -> list[str]:
    fixed = list(_fixed_rates(result))
    at_fixed = table(FIXED_HEADER, fixed) if fixed else []
    return ["", "## Summary", *table(SUMMARY_HEADER, _summary_rows(result)), *at_fixed]


def _summary_rows(result: Json) -> Iterator[list[str]]:
    for section in SECTIONS:
        for line in result.get(section.key, {}).get("headline", ()):
            yield headline_row(section.title, line)
        if section.key in result["left_out"]:
            yield [section.title, "-", f"not measured: {result['left_out'][section.key]}", "-", "-"]


def _fixed_rates(result: Json) -> Iterator[list[object]]:
    """Detection at fixed false alarms, of the senses that give a score."""
    pairs = result.get("verification")
    if pairs is not None:
        for name, way in (("same person", pairs["ours"]), ("same person, plain SFace", pairs["plain_sface"])):
            impostors = way["all"]["false_match"]["cases"]
            yield [name, "0.01", way["tar_at_fmr_1e-2"], impostors, _supported(impostors * 0.01 >= 1)]
    for name, found in (
        ("speech, windows of 512 ms", result.get("speech", {}).get("windows")),
        ("picture of a face", result.get("presentation", {}).get("at_bpcer_15")),
    ):
        if found is not None:
            yield [name, f"{found['false_alarm_rate']:g}", found, found["negatives"], _supported(found["supported"])]


def _supported(holds: bool) -> str:  # noqa: FBT001 - a yes or no in words
    return "yes" if holds else "no: no false alarm at all"


def _cost(cost_ms: Mapping[str, float]) -> list[str]:
    return [
        "",
        "## Cost",
        *paragraph(
            "CPU milliseconds of a call on one thread (640 x 480 picture, one face; a second of sound). What else the "
            "machine does at the time can double them."
        ),
        *table(list(cost_ms), [[f"{value:g}" for value in cost_ms.values()]]),
    ]


def _layout() -> list[str]:
    return [
        "",
        "## Layout of the labelled data",
        *paragraph(
            "Every labels file is a CSV with a header; `file` is relative to its folder. Further columns are passed "
            "over, "
            "and a section without its labels file is left out."
        ),
        *table(["file", "columns"], LAYOUT),
    ]


def _provenance(result: Json) -> str:
    thinned = " (quick: a part of it)" if result["data"]["quick"] else ""
    days = sorted(set(result["measured"].values()))
    when = " to ".join(sorted({*days[:1], *days[-1:]}))
    return (
        f"Written by `python3 run.py bench accuracy --write`, measured {when} on "
        f"{result['data']['name']}{thinned}, models {', '.join(result['models'])}."
    )
