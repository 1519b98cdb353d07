"""Rules while the pictures of their track serve a guided check."""

from __future__ import annotations

import pytest

from proctor.detectors.registry import discover
from proctor.detectors.rule import SampledRule
from proctor.detectors.rules.camera_blocked import CameraBlocked, CameraBlockedConfig
from proctor.detectors.rules.phone import Phone, PhoneConfig
from proctor.detectors.rules.second_voice import SecondVoice, SecondVoiceConfig
from proctor.detectors.rules.speech import Speech, SpeechConfig
from proctor.detectors.rules.virtual_camera import VirtualCamera, VirtualCameraConfig
from proctor.domain.guided import RESTING_WITH, GuidedKind
from proctor.domain.media import ClientEvent, ClientEventKind, TrackKind
from proctor.domain.observations import (
    BodyObserved,
    ClientObserved,
    IdentityObserved,
    LivenessObserved,
    ObjectSeen,
    ObjectsObserved,
    PaceObserved,
    PeopleObserved,
    PictureObserved,
    ResamplingObserved,
    SoundObserved,
    StreamObserved,
    Tick,
    TrackRested,
    VoiceObserved,
)
from proctor.domain.time import media_time_from_s
from proctor.pipeline.policy import default_policy

OF_THE_CAMERA = {
    PeopleObserved,
    BodyObserved,
    IdentityObserved,
    LivenessObserved,
    ObjectsObserved,
    PictureObserved,
    StreamObserved,
    ResamplingObserved,
    PaceObserved,
}


def test_every_rule_about_the_cameras_pictures_or_about_who_speaks_rests_and_no_other_does() -> None:
    registry = discover()
    for rule in registry.build(default_policy(registry).detectors):
        rests = rule.id in RESTING_WITH[GuidedKind.ROOM_SCAN] or bool(OF_THE_CAMERA & set(rule.consumes))
        assert (TrackRested in rule.consumes) is rests, rule.id
        assert TrackRested not in rule.consumes or isinstance(rule, SampledRule)


def phone_seen(track: TrackKind, at_s: float) -> ObjectsObserved:
    seen = ObjectSeen("cell phone", 0.9, (100.0, 100.0, 120.0, 200.0))
    return ObjectsObserved(track, media_time_from_s(at_s), (seen,), 640, 480, 0, "scripted@1")


@pytest.mark.parametrize(("rested", "ends"), [(TrackKind.CAMERA, False), (TrackKind.PHONE, True)])
def test_a_thing_ends_where_the_camera_that_saw_it_rests(rested: TrackKind, *, ends: bool) -> None:
    rule = Phone(PhoneConfig())
    opened = [signal for at_s in range(6) for signal in rule.update(phone_seen(TrackKind.PHONE, at_s))]
    assert [signal.end for signal in opened] == [None]
    closed = rule.update(TrackRested(rested, media_time_from_s(6)))
    assert [signal.end for signal in closed] == ([media_time_from_s(5)] if ends else [])


def spoken(at_s: float, *, is_guided: bool = False) -> SoundObserved:
    return SoundObserved(media_time_from_s(at_s), 500, -20.0, 0.9, "scripted@1", speech_share=1.0, is_guided=is_guided)


def test_the_hints_of_a_check_are_nobodys_speech() -> None:
    rule = Speech(SpeechConfig())
    (opened,) = [signal for step in range(8) for signal in rule.update(spoken(step / 2))]
    assert opened.end is None
    assert rule.update(TrackRested(TrackKind.CAMERA, media_time_from_s(4))) == []
    (closed,) = rule.update(TrackRested(TrackKind.MICROPHONE, media_time_from_s(4)))
    assert closed.end == media_time_from_s(4)
    for step in range(8, 60):
        assert rule.update(spoken(step / 2, is_guided=True)) == []
        assert rule.update(Tick(media_time_from_s(step / 2))) == []
    assert [rule.update(spoken(step / 2)) for step in range(60, 65)] == [[]] * 5, "its share begins anew"
    (again,) = rule.update(spoken(32.5))
    assert again.start == media_time_from_s(30)


def test_a_voice_ends_where_the_hints_begin() -> None:
    rule = SecondVoice(SecondVoiceConfig())
    heard = [VoiceObserved(media_time_from_s(at_s), 2000, 0.2, 2, "scripted@1") for at_s in (0, 3, 6)]
    (opened,) = [signal for voice in heard for signal in rule.update(voice)]
    (closed,) = rule.update(TrackRested(TrackKind.MICROPHONE, media_time_from_s(9)))
    assert closed.signal_id == opened.signal_id
    assert rule.update(Tick(media_time_from_s(30))) == []


def test_a_virtual_cameras_name_does_not_rest() -> None:
    rule = VirtualCamera(VirtualCameraConfig())
    detail = {"track": "camera", "label": "OBS Virtual Camera"}
    opened = rule.update(ClientObserved(ClientEvent(ClientEventKind.DEVICES_CHANGED, media_time_from_s(1), detail)))
    assert [signal.end for signal in opened] == [None]
    assert rule.update(TrackRested(TrackKind.CAMERA, media_time_from_s(2))) == []


def test_a_camera_that_stopped_before_a_check_is_not_said_to_be_stopped_after_it() -> None:
    rule = CameraBlocked(CameraBlockedConfig())
    event = ClientEvent(ClientEventKind.TRACK_MUTED, media_time_from_s(1), {"track": "camera"})
    rule.update(ClientObserved(event))
    (opened,) = [signal for at_s in range(2, 12) for signal in rule.update(Tick(media_time_from_s(at_s)))]
    assert opened.end is None
    (closed,) = rule.update(TrackRested(TrackKind.CAMERA, media_time_from_s(12)))
    assert closed.end is not None
    assert [signal for at_s in range(12, 30) for signal in rule.update(Tick(media_time_from_s(at_s)))] == []
