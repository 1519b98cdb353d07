"""Bodies with and without faces: who sits with the back to the camera, empty rooms, and second people."""

from __future__ import annotations

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData, Row, video_pictures
from benchmarks.accuracy.tables import Json, headline, paragraph, table
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import MediaTime, to_s
from server.perception.recorded import read_picture

LABELS = "video/events.csv"
LOOKS_PER_S = 1.0
PRESENT = ("one_person_from_behind", "one_face")
EMPTY = "nobody"
SECOND_BODY = "second body found beside the first"
SECOND_PERSON = "second person found by bodies or by clear faces"
Cases = list[tuple[str, bool]]


def measure_body(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Share of looks that find a body where one is, none where none is, and no more than there are."""
    cases: dict[str, Cases] = {}
    wrong: list[Json] = []
    _clips(data, suite, cases, wrong)
    _pictures(data, suite, cases, wrong)
    shares = {name: share_of(hits).as_json() for name, hits in sorted(cases.items())}
    return {
        "headline": [
            headline(name, shares.get(name))
            for name in ("body seen from behind", "no body in an empty room", "no second body invented")
        ],
        "shares": shares,
        "wrong": wrong,
    }


def report_body(result: Json) -> list[str]:
    """Table of the shares and what was wrong."""
    wrong = [
        f"{case['file']} ({case['case']}" + (f", {case['at_s']} s)" if "at_s" in case else ")")
        for case in result["wrong"]
    ]
    return [
        *table(["looks for bodies", "as labelled"], [[name, share] for name, share in result["shares"].items()]),
        *paragraph(f"Otherwise: {'; '.join(wrong) or 'none'}."),
        *paragraph(
            "Clips are looked at once a second; n is the number of clips or pictures. All people seen from behind "
            "stand before one fixed camera. Two bodies are looked for at most; that they are people in the flesh is "
            "not judged. Who sits shoulder to shoulder with the first is often painted over with them and missed; it "
            "is the face that tells of them then (`multiple_faces`), and `second_person` is for who shows none."
        ),
    ]


def _clips(data: LabelledData, suite: AnalyzerSuite, cases: dict[str, Cases], wrong: list[Json]) -> None:
    alone = {row["file"] for row in data.rows("video/labels.csv", thin=False) if row["people"][:1] in "01"}
    by_file: dict[str, list[Row]] = {}
    for row in data.rows(LABELS, thin=False):
        if row["file"] in alone and row["event"] in (*PRESENT, EMPTY):
            by_file.setdefault(row["file"], []).append(row)
    for file, rows in list(by_file.items())[:: data.every]:
        for at, rgb in video_pictures(data.folder / "video" / file, LOOKS_PER_S):
            events = [row["event"] for row in rows if float(row["start_s"]) <= to_s(at) <= float(row["end_s"])]
            if not events:
                continue
            bodies = len(suite.body.detect(rgb))
            judged = [("no second body invented", bodies < 2)]  # noqa: PLR2004 - a second one
            if EMPTY in events:
                judged = [("no body in an empty room", bodies == 0)]
            elif "one_person_from_behind" in events:
                judged.append(("body seen from behind", bodies > 0))
            else:
                judged.append(("body seen with a face", bodies > 0))
            for name, hit in judged:
                cases.setdefault(name, []).append((file, hit))
                if not hit:
                    wrong.append({"file": file, "case": name, "at_s": round(to_s(at), 1)})


def _pictures(data: LabelledData, suite: AnalyzerSuite, cases: dict[str, Cases], wrong: list[Json]) -> None:
    for row in data.rows("multi_face/labels.csv"):
        rgb = read_picture(data.folder / "multi_face" / row["file"])
        bodies = len(suite.body.detect(rgb))
        judged = {
            "0": [("no body in a picture without people", bodies == 0)],
            "1": [("no second body invented", bodies < 2)],  # noqa: PLR2004 - a second one
        }.get(row["people_bucket"])
        if judged is None:
            faces = len(suite.faces.observe(Frame(TrackKind.CAMERA, MediaTime(0), rgb), thorough=True).faces)
            by_faces = min(faces, int(row["faces_clear"])) > 1
            judged = [(SECOND_BODY, bodies > 1), (SECOND_PERSON, bodies > 1 or by_faces)]
        for name, hit in judged:
            cases.setdefault(name, []).append((row["file"], hit))
            if not hit:
                wrong.append({"file": row["file"], "case": name})
