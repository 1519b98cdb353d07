from __future__ import annotations

from itertools import chain

from proctor.analyzers.planar import PlanarFrame
from proctor.domain.media import TrackKind
from proctor.domain.time import NS_PER_S, media_time_from_s
from server.perception.pictures import PICTURES_WAITING, TrackPictures
from server.perception.protocol import Media
from tests.encoded_media import vp8_frames


def media(seconds: float, start_s: float = 0.0) -> list[Media]:
    frames = vp8_frames(seconds, start_s=start_s, fps=4, track=TrackKind.SCREEN)
    return [Media("sitting", frame, 0) for frame in frames]


def test_pictures_are_sampled_at_the_tracks_own_rate_and_the_newest_waits() -> None:
    pictures = TrackPictures(TrackKind.SCREEN, 0.5, is_held=lambda _at: False)
    taken = []
    for one in media(6):
        pictures.put(one)
        pictures.decode()
        if pictures.waiting is not None:
            frame = pictures.frame(pictures.take())
            assert isinstance(frame, PlanarFrame)
            assert frame.size == (64, 48)
            taken.append(frame.at)
    assert taken == [media_time_from_s(0), media_time_from_s(2), media_time_from_s(4)]
    assert (pictures.dropped, pictures.fell_behind()) == (0, False)


def test_a_picture_that_nobody_took_is_passed_over_and_counted_and_told_once() -> None:
    pictures = TrackPictures(TrackKind.SCREEN, 0.5, is_held=lambda _at: False)
    for one in media(6):
        pictures.put(one)
        pictures.decode()
    assert pictures.waiting == media_time_from_s(4)
    assert pictures.dropped == 2
    assert (pictures.fell_behind(), pictures.fell_behind()) == (True, False)


def test_an_overflow_drops_all_that_waits_and_asks_for_a_key_frame() -> None:
    pictures = TrackPictures(TrackKind.SCREEN, 0.5, is_held=lambda _at: False)
    assert pictures.wants_key_frame
    sent = list(chain(media(3), (one for one in media(20, 3) if not one.frame.is_key)))
    for one in sent[: PICTURES_WAITING + 1]:
        pictures.put(one)
    assert pictures.dropped > PICTURES_WAITING
    assert pictures.wants_key_frame


def test_pictures_of_a_check_all_wait_in_order_and_the_oldest_gives_way() -> None:
    held_until = media_time_from_s(3)
    pictures = TrackPictures(TrackKind.SCREEN, 0.5, is_held=lambda at: at < held_until)
    for one in media(4):
        pictures.put(one)
    pictures.decode()
    assert pictures.waiting == media_time_from_s(1)
    taken = []
    while pictures.waiting is not None:
        taken.append(pictures.take().at / NS_PER_S)
    assert taken == [1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0]
    assert (pictures.dropped, pictures.fell_behind()) == (4, False)
