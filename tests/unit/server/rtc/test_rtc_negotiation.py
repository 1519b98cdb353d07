from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.domain.media import TrackKind
from server.rtc.negotiation import (
    MAX_CANDIDATES,
    BadSdpError,
    OfferedTrack,
    complete_answer,
    read_publishing_offer,
    read_viewing_offer,
)
from server.rtc.network import NetworkSettings

TRANSPORT = [
    "c=IN IP4 0.0.0.0",
    "a=rtcp:9 IN IP4 0.0.0.0",
    "a=candidate:1 1 udp 2113937151 5c3f1c1e-0000-4000-8000-000000000000.local 50001 typ host generation 0",
    "a=candidate:2 1 udp 2113937151 192.0.2.7 50002 typ host generation 0",
    "a=end-of-candidates",
    "a=ice-ufrag:abcd",
    "a=ice-pwd:abcdefghijklmnopqrstuvwx",
    "a=ice-options:trickle",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
    "a=setup:actpass",
]
VIDEO_CODECS = [
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 goog-remb",
    "a=rtcp-fb:96 nack",
    "a=rtcp-fb:96 nack pli",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    "a=rtpmap:98 VP9/90000",
    "a=fmtp:98 profile-id=0",
    "a=rtpmap:99 rtx/90000",
    "a=fmtp:99 apt=98",
]
AUDIO_CODECS = [
    "a=rtpmap:111 opus/48000/2",
    "a=rtcp-fb:111 transport-cc",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=rtpmap:0 PCMU/8000",
]


def section(mid: str, kind: str, *, direction: str = "sendonly", codecs: list[str] | None = None) -> list[str]:
    video = kind == "video"
    types = "96 97 98 99" if video else "111 0"
    return [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {types}",
        *TRANSPORT,
        f"a=mid:{mid}",
        f"a={direction}",
        "a=rtcp-mux",
        *(codecs if codecs is not None else VIDEO_CODECS if video else AUDIO_CODECS),
        f"a=ssrc:{100 + int(mid)} cname:x",
    ]


def offer(*sections: list[str], bundle: str = "0 1 2") -> str:
    head = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {bundle}", "a=msid-semantic: WMS"]
    return "\r\n".join([*head, *(line for one in sections for line in one)]) + "\r\n"


PUBLISHED = offer(section("0", "video"), section("1", "video"), section("2", "audio"))
TRACKS = [
    OfferedTrack("0", TrackKind.CAMERA),
    OfferedTrack("1", TrackKind.SCREEN),
    OfferedTrack("2", TrackKind.MICROPHONE),
]


def test_only_vp8_with_its_repetition_and_opus_are_kept() -> None:
    kept = read_publishing_offer(PUBLISHED, TRACKS).sdp
    assert kept.count("m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n") == 2
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" in kept
    assert "VP9" not in kept
    assert "PCMU" not in kept
    assert "a=fmtp:97 apt=96" in kept


def test_names_are_not_looked_up_and_late_addresses_stay_possible() -> None:
    kept = read_publishing_offer(PUBLISHED, TRACKS).sdp
    assert ".local" not in kept
    assert "192.0.2.7" in kept
    assert "end-of-candidates" not in kept


@pytest.mark.parametrize(
    "candidate",
    [
        "1 udp 1 intranet.example 50002 typ host",
        "1 udp 1 5c3f1c1e.LOCAL 50002 typ host",
        "1 udp 1 192.0.2.8 53 typ host",
        "1 udp 1 192.0.2.8 70000 typ host",
        "1 udp 1 239.1.2.3 50002 typ host",
        "1 udp 1 255.255.255.255 50002 typ host",
        "1 udp 1 0.0.0.0 50002 typ host",
        "1 tcp 1 192.0.2.8 50002 typ host tcptype active",
        "2 udp 1 192.0.2.8 50002 typ host",
        "1 udp 1 192.0.2.8",
    ],
)
def test_nothing_is_sent_to_what_is_no_browsers_address(candidate: str) -> None:
    offered = PUBLISHED.replace("a=end-of-candidates", f"a=candidate:9 {candidate}")
    try:
        kept = read_publishing_offer(offered, TRACKS).sdp
    except BadSdpError:
        return
    assert {line for line in kept.splitlines() if line.startswith("a=candidate:")} == {
        "a=candidate:2 1 udp 2113937151 192.0.2.7 50002 typ host generation 0"
    }


def test_an_offer_makes_the_server_try_a_bounded_number_of_addresses() -> None:
    many = "\r\n".join(f"a=candidate:9 1 udp 1 10.0.{n // 250}.{n % 250 + 1} 50002 typ host" for n in range(500))
    kept = read_publishing_offer(PUBLISHED.replace("a=end-of-candidates", many, 1), TRACKS).sdp
    assert len({line for line in kept.splitlines() if line.startswith("a=candidate:")}) == MAX_CANDIDATES


def test_sound_is_repeated_only_where_the_sender_announced_it() -> None:
    assert not read_publishing_offer(PUBLISHED, TRACKS).repeats_sound
    announced = PUBLISHED.replace("a=rtcp-fb:111 transport-cc", "a=rtcp-fb:111 nack")
    assert read_publishing_offer(announced, TRACKS).repeats_sound


def test_answer_asks_for_longer_packets_repetition_and_tells_the_public_address() -> None:
    answer = complete_answer(PUBLISHED, repeats_sound=True, public_address="203.0.113.9")
    assert "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 nack\r\na=ptime:60\r\n" in answer
    assert "203.0.113.9 50002 typ host" in answer
    assert "192.0.2.7" not in answer
    assert "a=rtcp-fb:111 nack" not in complete_answer(PUBLISHED, repeats_sound=False, public_address=None)


def test_loopback_and_the_other_address_family_are_not_rewritten() -> None:
    lines = "a=candidate:1 1 udp 1 127.0.0.1 5 typ host\r\na=candidate:1 1 udp 1 2001:db8::1 5 typ host\r\n"
    assert complete_answer(lines, repeats_sound=False, public_address="203.0.113.9") == lines


def lacking(text: str, replacement: str = "") -> str:
    assert text in PUBLISHED
    return PUBLISHED.replace(text, replacement)


@pytest.mark.parametrize(
    ("sdp", "tracks", "reason"),
    [
        ("", TRACKS, "does not begin with v="),
        ("hello", TRACKS, "does not begin with v="),
        ("v=0\r\nm=video\r\n", TRACKS, "cannot be read"),
        ("v=x\r\n", TRACKS, "cannot be read"),
        ("v=0\r\n", TRACKS, "1 to 4 media sections"),
        ("v=0" + "\r\na=x" * 60_000, TRACKS, "longer than"),
        (PUBLISHED, [], "no tracks"),
        (PUBLISHED, TRACKS[:2], "'2' is not named"),
        (PUBLISHED, [*TRACKS, OfferedTrack("7", TrackKind.PHONE)], "no media section with mid '7'"),
        (PUBLISHED, [*TRACKS[:2], OfferedTrack("2", TrackKind.CAMERA)], "named twice"),
        (PUBLISHED, [OfferedTrack("0", TrackKind.MICROPHONE), *TRACKS[1:2]], "needs audio"),
        (lacking("a=sendonly", "a=recvonly"), TRACKS, "must send"),
        (lacking("m=audio 9", "m=audio 0"), TRACKS, "port 0"),
        (lacking("a=rtcp-mux"), TRACKS, "rtcp-mux"),
        (lacking("a=ice-pwd:abcdefghijklmnopqrstuvwx"), TRACKS, "ICE user name and password"),
        (lacking("a=setup:actpass"), TRACKS, "DTLS fingerprint"),
        (lacking("VP8", "VP7"), TRACKS, "does not offer VP8"),
        (lacking("opus", "speex"), TRACKS, "does not offer OPUS"),
        (lacking("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1"), TRACKS, "bundled"),
        (lacking("a=mid:1", "a=mid:0"), TRACKS, "mid of its own"),
        (lacking("a=rtpmap:96 VP8/90000", "a=rtpmap:96"), TRACKS, "cannot be read"),
        (lacking("a=fmtp:97 apt=96", "a=fmtp:55 apt=96"), TRACKS, "cannot be read"),
    ],
)
def test_what_cannot_work_is_refused_with_its_reason(sdp: str, tracks: list[OfferedTrack], reason: str) -> None:
    with pytest.raises(BadSdpError, match=reason):
        read_publishing_offer(sdp, tracks)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(PUBLISHED) - 1), st.integers(0, 60), st.text(max_size=12))
def test_damage_is_survived_or_refused(at: int, length: int, inserted: str) -> None:
    try:
        read_publishing_offer(PUBLISHED[:at] + inserted + PUBLISHED[at + length :], TRACKS)
    except BadSdpError:
        return


def test_viewer_names_a_track_for_each_receiving_section() -> None:
    wanted = offer(
        section("0", "video", direction="recvonly"), section("1", "audio", direction="recvonly"), bundle="0 1"
    )
    tracks = [TrackKind.SCREEN, TrackKind.MICROPHONE]
    assert read_viewing_offer(wanted, tracks).tracks == (
        OfferedTrack("0", TrackKind.SCREEN),
        OfferedTrack("1", TrackKind.MICROPHONE),
    )
    for wrong in ([], tracks[:1], tracks[::-1], [TrackKind.CAMERA, TrackKind.CAMERA]):
        with pytest.raises(BadSdpError):
            read_viewing_offer(wanted, wrong)
    with pytest.raises(BadSdpError, match="must receive"):
        read_viewing_offer(PUBLISHED, [TrackKind.CAMERA, TrackKind.SCREEN, TrackKind.MICROPHONE])


@pytest.mark.parametrize("ports", [(0, 10), (5_000, 4_000), (60_000, 70_000)])
def test_impossible_port_ranges_are_refused(ports: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="udp_ports"):
        NetworkSettings(udp_ports=ports)
