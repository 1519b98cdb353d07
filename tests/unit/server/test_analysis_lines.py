from __future__ import annotations

from proctor.domain.media import TrackKind
from proctor.domain.observations import Body, BodyObserved, Face, GazeAngles, GazeZone, HeadPose, PeopleObserved
from proctor.domain.time import media_time_from_s
from server.cli.analysis_lines import observation_line

AT = media_time_from_s(2.5)


def test_a_face_says_where_it_looks() -> None:
    aside = Face(
        (10.0, 20.0, 30.0, 40.0), 0.9, HeadPose(1.0, 2.0, 3.0), gaze=GazeZone.LEFT, gaze_angles=GazeAngles(20.0, 0.0)
    )
    untold = Face((60.0, 20.0, 30.0, 40.0), 0.8)
    line = observation_line("a.mp4", PeopleObserved(TrackKind.CAMERA, AT, 2, (aside, untold), "faces@1"))
    assert line is not None
    assert [face["gaze"] for face in line["faces"]] == ["left", "unknown"]


def test_bodies_are_told_with_shoulders_and_hands() -> None:
    body = Body((1.04, 2.0, 3.0, 4.0), (2.0, 3.0), 0.98765, (5.0, 6.0), None, None, 1)
    line = observation_line("a.mp4", BodyObserved(TrackKind.CAMERA, AT, (body,), 0, "body@1"))
    assert line == {
        "type": "observation",
        "kind": "body",
        "file": "a.mp4",
        "t_s": 2.5,
        "bodies": [
            {
                "box": [1.0, 2.0, 3.0, 4.0],
                "score": 0.9877,
                "shoulders": [None, [5.0, 6.0]],
                "lean_deg": None,
                "hands_near_face": 1,
            }
        ],
    }
