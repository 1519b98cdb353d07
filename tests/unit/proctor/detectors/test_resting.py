"""Rules while the pictures of their track serve a guided check."""

from __future__ import annotations

import pytest

from proctor.detectors.registry import discover
from proctor.detectors.rule import SampledRule
from proctor.detectors.rules.camera_blocked import CameraBlocked, CameraBlockedConfig
from proctor.detectors.rules.phone import Phone, PhoneConfig
from proctor.detectors.rules.virtual_camera import VirtualCamera, VirtualCameraConfig
from proctor.domain.media import ClientEvent, ClientEventKind, TrackKind
from proctor.domain.observations import (
    BodyObserved,
    ClientObserved,
    IdentityObserved,
    LivenessObserved,
    ObjectSeen,
    ObjectsObserved,
    PeopleObserved,
    PictureObserved,
    StreamObserved,
    Tick,
    TrackRested,
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
}


def test_every_rule_about_the_cameras_pictures_rests_and_no_other_does() -> None:
    registry = discover()
    for rule in registry.build(default_policy(registry).detectors):
        assert (TrackRested in rule.consumes) is bool(OF_THE_CAMERA & set(rule.consumes)), rule.id
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
