from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from proctor.domain.media import EncodedFrame
from proctor.domain.time import NS_PER_S, media_time_from_s
from server.perception.decode import PictureDecoder, SoundDecoder, rgb_of
from tests.encoded_media import opus_packets, vp8_frames
from tests.media.files import microphone_packets
from tests.media.sounds import RATE_HZ


def decoded(decoder: PictureDecoder, frames: list[EncodedFrame]) -> list[bool]:
    return [decoder.decode(frame) is not None for frame in frames]


def test_pictures_come_out_as_they_went_in() -> None:
    (first, *_) = vp8_frames(1, fps=4, size=(640, 480))
    picture = PictureDecoder().decode(first)
    assert picture is not None
    rgb = rgb_of(picture)
    assert rgb.shape == (480, 640, 3)
    assert rgb.flags.c_contiguous
    # Luma 20 of the limited range is nearly black.
    assert rgb[400, 600].mean() == pytest.approx((20 - 16) * 255 / 219, abs=4)


def test_decoding_begins_at_a_key_frame() -> None:
    frames = list(vp8_frames(4, fps=4, key_every_s=2))
    decoder = PictureDecoder()
    assert decoder.wants_key_frame
    assert decoded(decoder, frames[1:10]) == [False] * 7 + [True, True]
    assert not decoder.wants_key_frame


def test_a_gap_waits_for_the_next_key_frame() -> None:
    frames = list(vp8_frames(4, fps=4, key_every_s=2))
    decoder = PictureDecoder()
    decoded(decoder, frames[:3])
    assert decoded(decoder, [replace(frames[4], after_gap=True), *frames[5:9]]) == [False] * 4 + [True]


def test_a_damaged_picture_is_counted_and_waits_for_the_next_key_frame() -> None:
    frames = list(vp8_frames(4, fps=4, key_every_s=2))
    decoder = PictureDecoder()
    decoded(decoder, frames[:3])
    assert decoder.decode(replace(frames[3], data=b"\x00")) is None
    assert (decoder.undecodable, decoder.wants_key_frame) == (1, True)
    assert decoded(decoder, frames[4:9]) == [False] * 4 + [True]


def test_sound_becomes_mono_at_16_khz_of_the_same_level() -> None:
    decoder = SoundDecoder()
    (chunk,) = decoder.decode(opus_packets(2, hz=440))
    pcm = chunk.pcm
    assert pcm.dtype == np.float32
    assert len(pcm) == pytest.approx(32_000, abs=400)
    assert np.sqrt(np.mean(pcm[4_000:] ** 2)) == pytest.approx(8_000 / 32_768 / 2**0.5, rel=0.03)
    spectrum = np.abs(np.fft.rfft(pcm[8_000:24_000]))
    assert spectrum.argmax() == 440


def test_chunks_follow_each_other_within_the_analyzers_tolerance() -> None:
    sound = np.random.default_rng(1).normal(0, 0.05, RATE_HZ * 3).astype(np.float32)
    decoder = SoundDecoder()
    end = None
    for packet in microphone_packets(sound):
        (chunk,) = decoder.decode([packet])
        if end is not None:
            assert abs(chunk.at - end) < media_time_from_s(0.002)
        end = chunk.at + len(chunk.pcm) * NS_PER_S // 16_000


def test_damaged_sound_is_counted_and_the_next_packet_decodes() -> None:
    packets = list(opus_packets(1))
    decoder = SoundDecoder()
    assert len(decoder.decode(packets[:1])) == 1
    assert decoder.decode([replace(packets[1], data=b"\xff" * 3)]) == []
    assert decoder.undecodable == 1
    assert [chunk.at for chunk in decoder.decode(packets[2:])] == [packets[2].at]


def test_a_gap_in_sound_clears_the_decoder() -> None:
    packets = list(opus_packets(2))
    late = replace(packets[60], after_gap=True)
    before, after = SoundDecoder().decode([*packets[:10], late])
    assert (before.at, after.at) == (packets[0].at, late.at)
    (alone,) = SoundDecoder().decode([late])
    assert np.array_equal(after.pcm, alone.pcm)


def test_packets_together_give_the_sound_of_packets_one_by_one() -> None:
    packets = list(opus_packets(2, hz=440))
    one_by_one, together = SoundDecoder(), SoundDecoder()
    pieces = [chunk for packet in packets for chunk in one_by_one.decode([packet])]
    joined = [chunk for begin in range(0, len(packets), 7) for chunk in together.decode(packets[begin : begin + 7])]
    assert [chunk.at for chunk in joined] == [packet.at for packet in packets[::7]]
    heard, expected = (np.concatenate([chunk.pcm for chunk in chunks]) for chunks in (joined, pieces))
    assert np.array_equal(heard, expected)


def test_damage_among_packets_leaves_the_sound_around_it_in_its_place() -> None:
    packets = list(opus_packets(1))
    decoder = SoundDecoder()
    chunks = decoder.decode([*packets[:10], replace(packets[10], data=b"\xff" * 3), *packets[11:]])
    assert [chunk.at for chunk in chunks] == [packets[0].at, packets[11].at]
    assert decoder.undecodable == 1
