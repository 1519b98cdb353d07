"""Telephones, books and screens: labelled pictures, labelled stretches of video, and what the vote makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.enlarged import enlarged_told, measure_enlarged
from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData, Row, video_pictures
from benchmarks.accuracy.plots import intervals
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from proctor.analyzers.suite import AnalyzerSuite
from proctor.detectors.rules.book import BookConfig
from proctor.detectors.rules.phone import Phone, PhoneConfig
from proctor.detectors.rules.second_screen import SecondScreenConfig
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import ObjectsObserved
from proctor.domain.time import MediaTime, media_time_from_s, to_s
from server.perception.recorded import read_picture

Picture = NDArray[np.uint8]
Cases = list[tuple[str, bool]]
LABELS = "objects/labels.csv"
OTHER_PICTURES = tuple(
    f"{folder}/images" for folder in ("multi_face", "face_pairs", "head_pose", "presentation_attack", "id_documents")
)
"""Folders of pictures that are not labelled for objects; pictures that are labelled too are left out by name."""
PHONE = "cell phone"
PHONE_PRECISION = Target(0.9)
PERSON_SCORE = 0.5
THRESHOLDS = {
    PHONE: PhoneConfig().score,
    "book": BookConfig().score,
    "laptop": SecondScreenConfig().score,
    "tv": SecondScreenConfig().score,
    "person": PERSON_SCORE,
}
EVENTS = {"phone_visible": PHONE, "laptop_visible": "laptop"}
LOOKS_PER_S = 2.0
HELD_S, LOOK_EVERY_S = 6.0, 1.0
"""A picture is shown to the rule for so long, swaying a little and with noise, and looked through so often."""
SWAY_PART, NOISE = 0.015, 3.0
SEED = 7


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture with the kinds of objects in it; None where it is not labelled."""

    name: str
    path: Path
    labels: frozenset[str] | None


def measure_objects(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Per kind of object precision and recall of single looks; for telephones also after the rule's vote."""
    labelled = list(_labelled(data))
    looks = {shown.name: _look(suite, read_picture(shown.path)) for shown in labelled}
    others = list(_others(data, {Path(shown.name).name for shown in labelled}))
    found_elsewhere: Json = {label: [] for label in THRESHOLDS if label != "person"}
    votes: Cases = []
    noticed: Cases = []
    for shown in labelled:
        says_phone = _vote(suite, shown.path, looks[shown.name])
        _judge_vote(shown, says_phone=says_phone, votes=votes, noticed=noticed)
    false_looks: Cases = []
    for shown in others:
        observed = _look(suite, read_picture(shown.path))
        for label, names in found_elsewhere.items():
            if _best(observed, label) >= THRESHOLDS[label]:
                names.append(shown.name)
        false_looks.append((shown.name, _best(observed, PHONE) >= THRESHOLDS[PHONE]))
        _judge_vote(shown, says_phone=_vote(suite, shown.path, observed), votes=votes, noticed=noticed)
    without = [shown for shown in (*labelled, *others) if PHONE not in (shown.labels or ())]
    enlarged = measure_enlarged([(shown.name, shown.path) for shown in without], suite)
    precision, recall = share_of(votes).as_json(), share_of(noticed).as_json()
    return {
        "headline": [
            headline("telephones, precision after the vote", precision, PHONE_PRECISION),
            headline("telephones, recall after the vote", recall),
            headline("other pictures in which a telephone is seen", share_of(false_looks).as_json()),
            headline("pictures without a telephone in which an enlarged look sees one", enlarged["false"]),
        ],
        "labels": {label: _of_label(label, labelled, looks) for label in THRESHOLDS},
        "after_vote": {"precision": precision, "recall": recall},
        "false_phones": share_of(false_looks).as_json(),
        "found_elsewhere": found_elsewhere,
        "video": _measure_video(data, suite),
        "enlarged": enlarged,
    }


def report_objects(result: Json) -> list[str]:
    """Tables of pictures and of video."""
    pictures = [
        [label, THRESHOLDS[label], counts["precision"], counts["recall"], ", ".join(counts["missed"]) or "none"]
        for label, counts in result["labels"].items()
    ]
    after_vote = [result["after_vote"][share] for share in ("precision", "recall")]
    pictures.append([f"{PHONE}, after the vote", THRESHOLDS[PHONE], *after_vote, ""])
    video = [
        [f"{case['file']} {case['start_s']} to {case['end_s']} s", case["event"], case["looks"], case["seen"]]
        for case in result["video"]["events"]
    ]
    elsewhere = "; ".join(f"{label}: {len(names)}" for label, names in result["found_elsewhere"].items())
    return [
        *table(["object", "score from", "precision of a look", "recall of a look", "missed in"], pictures),
        *table(["video", "event", "looks", "share that shows it"], video),
        *paragraph(
            f"Clips without a telephone in which the rule notices one: {result['video']['false_phones'] or 'none'}.",
            f"On the other pictures, which are not labelled for objects, is seen: {elsewhere}.",
            "Passports count as books.",
        ),
        *(paragraph(enlarged_told(result["enlarged"])) if "enlarged" in result else []),
        *paragraph(
            f"A look is one picture. For the vote each picture is shown to the rule for {HELD_S:g} s, swaying, with "
            "noise. Few pictures show a telephone, and the threshold was chosen with these in view: neither precision "
            "nor recall is known well."
        ),
    ]


def draw_objects(result: Json, folder: Path) -> dict[str, str]:
    """Recall of each kind of object with its interval."""
    rows = [
        (label, figure["recall"]["share"], *figure["recall"]["interval_95"])
        for label, figure in (*result["labels"].items(), (f"{PHONE}, after the vote", result["after_vote"]))
        if figure["recall"]["interval_95"] is not None
    ]
    if not rows:
        return {}
    intervals(folder / "objects-recall.png", rows, "Objects seen in labelled pictures", None)
    return {"objects-recall.png": "Recall of each kind of object in labelled pictures, with its 95 % interval"}


def _labelled(data: LabelledData) -> Iterator[Shown]:
    kinds: dict[str, set[str]] = {}
    for row in data.rows(LABELS, thin=False):
        kinds.setdefault(row["file"], set()).add(row["label"])
    for file in list(kinds)[:: data.every]:
        yield Shown(file, data.folder / "objects" / file, frozenset(kinds[file]))


def _others(data: LabelledData, known: set[str]) -> Iterator[Shown]:
    for folder in OTHER_PICTURES:
        paths = sorted(path for path in (data.folder / folder).rglob("*") if path.is_file())
        for path in paths[:: data.every]:
            if path.name not in known:
                yield Shown(str(path.relative_to(data.folder)), path, None)


def _of_label(label: str, labelled: Sequence[Shown], looks: dict[str, ObjectsObserved]) -> Json:
    is_true = {shown.name: shown.labels is not None and label in shown.labels for shown in labelled}
    is_found = {name: _best(observed, label) >= THRESHOLDS[label] for name, observed in looks.items()}
    return {
        "precision": share_of((name, is_true[name]) for name, found in is_found.items() if found).as_json(),
        "recall": share_of((name, is_found[name]) for name, true in is_true.items() if true).as_json(),
        "missed": [name for name, true in is_true.items() if true and not is_found[name]],
        "false": [name for name, found in is_found.items() if found and not is_true[name]],
    }


def _judge_vote(shown: Shown, *, says_phone: bool, votes: Cases, noticed: Cases) -> None:
    is_phone = shown.labels is not None and PHONE in shown.labels
    if says_phone:
        votes.append((shown.name, is_phone))
    if is_phone:
        noticed.append((shown.name, says_phone))


def _vote(suite: AnalyzerSuite, path: Path, first: ObjectsObserved) -> bool:
    """Whether the rule notices a telephone; where the plain picture shows no trace of one, further looks are spared."""
    if _best(first, PHONE) == 0:
        return False
    rgb = read_picture(path)
    random = np.random.default_rng(SEED)
    rule = Phone(PhoneConfig())
    times = np.arange(0, HELD_S, LOOK_EVERY_S)
    return any(rule.update(_look(suite, _swaying(rgb, random), at_s=float(at_s))) for at_s in times)


def _swaying(rgb: Picture, random: np.random.Generator) -> Picture:
    height, width = rgb.shape[:2]
    left, top = (round(side * float(random.uniform(0, 2 * SWAY_PART))) for side in (width, height))
    across, down = (round(side * (1 - 2 * SWAY_PART)) for side in (width, height))
    part = rgb[top : top + down, left : left + across].astype(np.float32)
    noisy = part + random.normal(0, NOISE, part.shape).astype(np.float32)
    return np.ascontiguousarray(np.clip(noisy, 0, 255).astype(np.uint8))


def _measure_video(data: LabelledData, suite: AnalyzerSuite) -> Json:
    rows = [row for row in data.rows("video/events.csv", thin=False) if row["event"] in EVENTS]
    unlabelled = {row["file"] for row in rows}
    files = sorted({row["file"] for row in data.rows("video/labels.csv", thin=False)})
    events: list[Json] = []
    false: list[str] = []
    for file in files[:: data.every]:
        observed = [_observed(suite, rgb, at) for at, rgb in video_pictures(data.folder / "video" / file, LOOKS_PER_S)]
        events += [_in_event(row, observed) for row in rows if row["file"] == file]
        rule = Phone(PhoneConfig())
        if file not in unlabelled and any(rule.update(each) for each in observed):
            false.append(file)
    return {"events": events, "false_phones": false}


def _in_event(row: Row, observed: Sequence[ObjectsObserved]) -> Json:
    label = EVENTS[row["event"]]
    inside = [each for each in observed if float(row["start_s"]) <= to_s(each.at) <= float(row["end_s"])]
    seen = [_best(each, label) >= THRESHOLDS[label] for each in inside]
    share = round(sum(seen) / len(seen), 2) if seen else None
    return {**{key: row[key] for key in ("file", "start_s", "end_s", "event")}, "looks": len(seen), "seen": share}


def _look(suite: AnalyzerSuite, rgb: Picture, *, at_s: float = 0.0) -> ObjectsObserved:
    return _observed(suite, rgb, media_time_from_s(at_s))


def _observed(suite: AnalyzerSuite, rgb: Picture, at: MediaTime) -> ObjectsObserved:
    return suite.objects.observe(Frame(TrackKind.CAMERA, at, rgb))


def _best(observed: ObjectsObserved, label: str) -> float:
    return max((seen.score for seen in observed.objects if seen.label == label), default=0.0)
