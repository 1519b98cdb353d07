"""A camera's name, and what it has to do with pictures that repeat."""

from __future__ import annotations

import pytest
from sitting_script import SittingScript, run

from proctor.detectors.rules.virtual_camera import VirtualCamera, VirtualCameraConfig, is_listed
from proctor.domain.media import ClientEventKind as Kind
from proctor.domain.signals import Signal
from proctor.domain.time import media_time_from_s


def noticed(script: SittingScript, **config: object) -> list[Signal]:
    rule = VirtualCamera(VirtualCameraConfig.model_validate(config))
    return run(rule, script.observations(), script.end)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("OBS Virtual Camera", True),
        ("ManyCam Virtual Webcam", True),
        ("Dummy video device (0x0000)", True),
        ("v4l2loopback", True),
        ("XSplit VCam", True),
        ("Snap Camera", True),
        ("HD Pro Webcam C920 (046d:082d)", False),
        ("FaceTime HD Camera", False),
        ("Integrated Camera (5986:2113)", False),
        ("DroidCam Source 3", False),
        ("Iriun Webcam", False),
        ("EpocCam Virtual Camera", False),
        ("", False),
    ],
)
def test_names_of_programs_are_listed_and_those_of_devices_and_telephones_are_not(name: str, *, expected: bool) -> None:
    assert is_listed(name, VirtualCameraConfig()) is expected


def test_a_listed_name_is_noted_at_once_and_until_another_camera_is_used() -> None:
    script = SittingScript().ticks(120)
    script.event(5, Kind.DEVICES_CHANGED, track="camera", label="OBS Virtual Camera").event(
        60, Kind.DEVICES_CHANGED, track="camera", label="Webcam C270"
    )
    opened, closed = noticed(script)
    assert opened.start == opened.noticed == media_time_from_s(5)
    assert media_time_from_s(60) <= (closed.end or 0) <= media_time_from_s(60.5)
    assert opened.why.crossing.measure == "camera_name"
    assert all("OBS Virtual Camera" in text for text in (opened.why.text.kk, opened.why.text.ru, opened.why.text.en))


def test_a_change_of_devices_that_names_no_camera_changes_nothing() -> None:
    script = SittingScript().ticks(40)
    script.event(5, Kind.DEVICES_CHANGED, track="camera", label="ManyCam").event(
        20, Kind.DEVICES_CHANGED, cameras=2, microphones=1
    )
    opened, closed = noticed(script)
    assert (opened.end, closed.end) == (None, script.end)


def test_the_policy_may_leave_names_alone() -> None:
    script = SittingScript().ticks(40).event(5, Kind.DEVICES_CHANGED, track="camera", label="OBS Virtual Camera")
    assert noticed(script, names=[]) == []


def test_pictures_must_repeat_without_a_break() -> None:
    script = SittingScript().ticks(400)
    for start_s in (0, 100, 200, 300):
        script.stream(start_s, start_s + 98, 0.95).stream(start_s + 98, start_s + 100, 0.5)
    assert noticed(script) == []


def test_a_long_loop_is_one_signal_that_names_the_share() -> None:
    script = SittingScript().ticks(400).stream(0, 30, None).stream(30, 400, 0.97)
    opened, closed = noticed(script)
    assert opened.start == media_time_from_s(30)
    assert opened.noticed == media_time_from_s(150)
    assert closed.end == script.end
    assert opened.confidence == pytest.approx(0.97)
    assert opened.why.crossing.measure == "repeating"


def test_neither_pattern_nor_pace_counts_unless_the_policy_says_so() -> None:
    script = SittingScript().ticks(400).enlarged(0, 400, 80.0).pace(0, 400, 1.0)
    assert noticed(script) == []


def test_a_lasting_pattern_is_one_signal_that_says_how_strong_it_is() -> None:
    script = SittingScript().ticks(400).enlarged(0, 50, None).enlarged(50, 300, 40.0).enlarged(300, 400, 4.0)
    opened, closed = noticed(script, judge_enlarged=True)
    assert opened.start == media_time_from_s(50)
    assert opened.noticed == media_time_from_s(170)
    assert media_time_from_s(295) <= (closed.end or 0) <= media_time_from_s(300)
    assert (opened.why.crossing.measure, opened.why.crossing.value) == ("enlarged_peak", 40.0)
    assert opened.confidence == pytest.approx(0.5)
    assert all("40" in text for text in (opened.why.text.kk, opened.why.text.ru, opened.why.text.en))


def test_a_lasting_even_pace_is_one_signal_that_says_how_even_it_is() -> None:
    script = SittingScript().ticks(400).pace(30, 400, 0.97)
    opened, closed = noticed(script, judge_pace=True)
    assert opened.start == media_time_from_s(30)
    assert closed.end == script.end
    assert (opened.why.crossing.measure, opened.why.crossing.threshold) == ("even_pace", 0.95)
    assert all("97" in text for text in (opened.why.text.kk, opened.why.text.ru, opened.why.text.en))


def test_a_pattern_that_comes_and_goes_is_left_alone() -> None:
    script = SittingScript().ticks(400)
    for start_s in (0, 100, 200, 300):
        script.enlarged(start_s, start_s + 90, 40.0).enlarged(start_s + 90, start_s + 100, 4.0)
    assert noticed(script, judge_enlarged=True) == []


def test_pictures_that_move_without_returning_do_not_end_a_pattern() -> None:
    script = SittingScript().ticks(400).stream(0, 400, 0.2).enlarged(0, 400, 40.0)
    opened, closed = noticed(script, judge_enlarged=True)
    assert (opened.start, closed.end) == (media_time_from_s(0), script.end)


def test_a_pattern_that_is_not_measured_any_more_ends() -> None:
    script = SittingScript().ticks(400).stream(0, 400, 0.2).enlarged(0, 200, 40.0).enlarged(200, 400, None)
    _, closed = noticed(script, judge_enlarged=True)
    assert media_time_from_s(195) <= (closed.end or 0) <= media_time_from_s(210)
