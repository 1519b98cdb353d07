from __future__ import annotations

from sitting_script import SittingScript, run

from proctor.detectors.rules.phone import Phone, PhoneConfig
from proctor.detectors.rules.second_screen import SecondScreen, SecondScreenConfig
from proctor.domain.media import TrackKind
from proctor.domain.signals import Signal
from proctor.domain.time import media_time_from_s

PHONE = ("cell phone", 0.8)


def phones(script: SittingScript, **config: object) -> list[Signal]:
    return run(Phone(PhoneConfig.model_validate(config)), script.ticks(60).observations(), media_time_from_s(60))


def screens(script: SittingScript, **config: object) -> list[Signal]:
    rule = SecondScreen(SecondScreenConfig.model_validate(config))
    return run(rule, script.ticks(60).observations(), media_time_from_s(60))


def test_a_phone_that_one_look_in_three_misses_is_noticed() -> None:
    script = SittingScript()
    for start in range(10, 40, 3):
        script.objects(start, start + 2, PHONE).objects(start + 2, start + 3)
    opened, closed = phones(script.objects(40, 60))
    assert (opened.start, closed.end) == (media_time_from_s(10), media_time_from_s(39))
    assert opened.noticed <= media_time_from_s(14)


def test_a_phone_in_one_look_of_four_is_not() -> None:
    script = SittingScript()
    for start in range(10, 50, 4):
        script.objects(start, start + 1, PHONE).objects(start + 1, start + 4)
    assert phones(script) == []


def test_the_camera_that_does_not_see_the_phone_does_not_outvote_the_one_that_does() -> None:
    script = SittingScript().objects(0, 60).objects(10.5, 20.5, PHONE, track=TrackKind.PHONE)
    opened, closed = phones(script.objects(20.5, 59.5, track=TrackKind.PHONE))
    assert (opened.start, closed.end) == (media_time_from_s(10.5), media_time_from_s(20.5))
    assert opened.why.text.en.startswith("The phone's picture showed something like a telephone")


def test_another_camera_answers_again_when_the_one_that_saw_it_has_long_been_silent() -> None:
    script = SittingScript().objects(0, 1, PHONE, track=TrackKind.PHONE).objects(1, 45)
    (opened, closed) = phones(script.objects(45, 55, PHONE), unknown_after_s=30)
    assert opened.start == media_time_from_s(45)
    assert closed.end is not None


def test_one_screen_counts_for_the_camera_and_two_for_the_phone() -> None:
    laptop, monitor = ("laptop", 0.9), ("tv", 0.9)
    assert len(screens(SittingScript().objects(5, 15, laptop))) == 2
    assert screens(SittingScript().objects(5, 15, laptop, track=TrackKind.PHONE)) == []
    opened, _ = screens(SittingScript().objects(5, 15, laptop, monitor, track=TrackKind.PHONE))
    assert opened.why.crossing.threshold == 2


def test_a_small_screen_far_away_and_the_edge_of_the_candidates_laptop_do_not_count() -> None:
    assert screens(SittingScript().objects(5, 15, ("tv", 0.9), size=40.0)) == []
    assert screens(SittingScript().objects(5, 15, ("laptop", 0.9), bottom=479.0)) == []
    assert len(screens(SittingScript().objects(5, 15, ("tv", 0.9), bottom=479.0))) == 2


def test_a_face_on_a_screen_is_said_as_such_but_the_phone_may_see_the_candidates_own() -> None:
    opened, _ = screens(SittingScript().objects(5, 15, ("laptop", 0.9), faces_shown=1))
    assert opened.why.crossing.measure == "faces_on_screen"
    assert "face of a person on a screen" in opened.why.text.en
    own = SittingScript().objects(5, 15, ("laptop", 0.9), track=TrackKind.PHONE, faces_shown=1)
    assert screens(own) == []
    assert len(screens(own.objects(20, 30, ("laptop", 0.9), track=TrackKind.PHONE, faces_shown=2))) == 2
