"""Reads what a browser offers, refuses with a reason what cannot work, and adds to answers what aiortc leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from aiortc.sdp import MediaDescription, SessionDescription

from proctor.domain.errors import ProctorError
from proctor.domain.media import TrackKind

MAX_SDP_CHARACTERS: Final = 100_000
_MAX_TRACKS: Final = 4
MAX_CANDIDATES: Final = 24
"""Addresses of one offer that are tried: a laptop with several networks has about ten. Each costs seven checks."""
_LOWEST_PORT: Final = 1024
_HIGHEST_PORT: Final = 65_535
_CANDIDATE_FIELDS: Final = 8
OPUS_PACKET_MS: Final = 60
"""Length of sound in one packet that the answer asks for: 16 packets a second in place of 48."""
_SENDING: Final = frozenset({"sendonly", "sendrecv"})
_RECEIVING: Final = frozenset({"recvonly", "sendrecv"})
_WANTED_CODEC: Final = {"audio": "opus", "video": "vp8"}
_WITH_PAYLOAD_TYPE: Final = ("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:")


class BadSdpError(ProctorError):
    """A session description cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class OfferedTrack:
    """Which media section of an offer carries which track."""

    mid: str
    track: TrackKind


@dataclass(frozen=True, slots=True)
class Offer:
    """A checked offer."""

    sdp: str
    """The offer with only the codecs that are taken, and without candidates that cannot be reached."""
    tracks: tuple[OfferedTrack, ...]
    repeats_sound: bool
    """The sender announced that it repeats lost Opus packets on request."""


def media_kind(track: TrackKind) -> str:
    """Kind of media section ("audio" or "video") that carries the track."""
    return "audio" if track is TrackKind.MICROPHONE else "video"


def read_publishing_offer(sdp: str, tracks: Sequence[OfferedTrack]) -> Offer:
    """Check an offer that sends `tracks`.

    Raises:
        BadSdpError: the offer is malformed, or does not carry exactly these tracks in VP8 and Opus.
    """
    description = _parse(sdp)
    named = {offered.mid: offered.track for offered in tracks}
    if not named:
        raise BadSdpError("no tracks are named")
    if len(named) != len(tracks) or len(set(named.values())) != len(tracks):
        raise BadSdpError("a track or a mid is named twice")
    sections = {section.rtp.muxId: section for section in description.media}
    for mid, track in named.items():
        if mid not in sections:
            raise BadSdpError(f"there is no media section with mid {mid!r} for the {track}")
        _check_section(sections[mid], track, _SENDING, "send")
    unnamed = sorted(mid for mid in sections if mid not in named)
    if unnamed:
        raise BadSdpError(f"media section {unnamed[0]!r} is not named as a track")
    return Offer(_restrict(sdp, description), tuple(tracks), _repeats_sound(description))


def read_viewing_offer(sdp: str, tracks: Sequence[TrackKind]) -> Offer:
    """Check an offer that wants to receive `tracks`, one media section each, in that order.

    Raises:
        BadSdpError: the offer is malformed, or its sections do not match the tracks.
    """
    description = _parse(sdp)
    if len(description.media) != len(tracks):
        raise BadSdpError(f"{len(tracks)} tracks are named, the offer has {len(description.media)} media sections")
    if len(set(tracks)) != len(tracks):
        raise BadSdpError("a track is named twice")
    for section, track in zip(description.media, tracks, strict=True):
        _check_section(section, track, _RECEIVING, "receive")
    offered = tuple(
        OfferedTrack(section.rtp.muxId, track) for section, track in zip(description.media, tracks, strict=True)
    )
    return Offer(_restrict(sdp, description), offered, _repeats_sound(description))


def complete_answer(sdp: str, *, repeats_sound: bool, public_address: str | None) -> str:
    """The answer as the browser gets it: Opus in longer packets that are repeated on request, reachable addresses."""
    lines: list[str] = []
    for line in sdp.splitlines():
        lines.append(_with_public_address(line, public_address) if public_address else line)
        if line.lower().startswith("a=rtpmap:") and "opus/48000" in line.lower():
            payload_type = line.split(":", 1)[1].split(" ", 1)[0]
            if repeats_sound:
                lines.append(f"a=rtcp-fb:{payload_type} nack")
            lines.append(f"a=ptime:{OPUS_PACKET_MS}")
    return "\r\n".join(lines) + "\r\n"


def announce_sound_repair(sdp: str) -> str:
    """An own offer with repetition of lost Opus packets announced, as the web client does it."""
    return complete_answer(sdp, repeats_sound=True, public_address=None)


def _parse(sdp: str) -> SessionDescription:
    if not sdp.startswith("v="):
        raise BadSdpError("this is not a session description: it does not begin with v=")
    if len(sdp) > MAX_SDP_CHARACTERS:
        raise BadSdpError(f"the session description is longer than {MAX_SDP_CHARACTERS} characters")
    try:
        description = SessionDescription.parse(sdp)
    except (AssertionError, AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError) as error:
        raise BadSdpError(f"the session description cannot be read: {error or type(error).__name__}") from error
    if not 1 <= len(description.media) <= _MAX_TRACKS:
        raise BadSdpError(f"1 to {_MAX_TRACKS} media sections are expected, there are {len(description.media)}")
    mids = [section.rtp.muxId for section in description.media]
    if "" in mids or len(set(mids)) != len(mids):
        raise BadSdpError("every media section needs a mid of its own")
    _check_bundle(description, mids)
    return description


def _check_bundle(description: SessionDescription, mids: list[str]) -> None:
    bundled = {mid for group in description.group if group.semantic == "BUNDLE" for mid in group.items}
    if len(mids) > 1 and not bundled.issuperset(mids):
        raise BadSdpError("all media sections must be bundled (a=group:BUNDLE)")


def _check_section(section: MediaDescription, track: TrackKind, directions: frozenset[str], verb: str) -> None:
    name = f"media section {section.rtp.muxId!r}"
    kind = media_kind(track)
    if section.kind != kind:
        raise BadSdpError(f"{name} is {section.kind}, the {track} needs {kind}")
    if section.port == 0:
        raise BadSdpError(f"{name} is rejected (port 0)")
    if (section.direction or "sendrecv") not in directions:
        raise BadSdpError(f"{name} is {section.direction}, it must {verb}")
    if section.ice is None or not section.ice.usernameFragment or not section.ice.password:
        raise BadSdpError(f"{name} has no ICE user name and password")
    if section.dtls is None or not section.dtls.fingerprints:
        raise BadSdpError(f"{name} has no DTLS fingerprint or no setup attribute")
    if not section.rtcp_mux:
        raise BadSdpError(f"{name} does not multiplex RTCP (a=rtcp-mux)")
    if not _kept_payload_types(section):
        raise BadSdpError(f"{name} does not offer {_WANTED_CODEC[kind].upper()}")


def _kept_payload_types(section: MediaDescription) -> list[int]:
    """The first payload type of the wanted codec and of its retransmissions."""
    wanted = _WANTED_CODEC[section.kind]
    media = next((codec.payloadType for codec in section.rtp.codecs if codec.name.lower() == wanted), None)
    if media is None:
        return []
    repairs = [
        codec.payloadType
        for codec in section.rtp.codecs
        if codec.name.lower() == "rtx" and codec.payloadType is not None and codec.parameters.get("apt") == media
    ]
    return [media, *repairs[:1]]


def _repeats_sound(description: SessionDescription) -> bool:
    return any(
        feedback.type == "nack" and not feedback.parameter
        for section in description.media
        if section.kind == "audio"
        for codec in section.rtp.codecs
        if codec.name.lower() == "opus"
        for feedback in codec.rtcpFeedback
    )


def _restrict(sdp: str, description: SessionDescription) -> str:
    """Only the codecs that are taken, and only candidates that a browser can have.

    The server sends checks to every candidate that it is told, so an offer must not be a way to make it knock at any
    number of any machines' doors. Names (mDNS) would be looked up by multicast; the browser's own checks tell its
    address as well. The end of candidates is left out for the same reason: checks may still come from an address that
    was not announced.
    """
    kept: set[str] = set()
    tried: set[tuple[str, int]] = set()
    sections = iter(description.media)
    lines = []
    for line in sdp.splitlines():
        if line.startswith("m="):
            types = [str(number) for number in _kept_payload_types(next(sections))]
            kept = set(types)
            lines.append(" ".join([*line.split(" ")[:3], *types]))
        elif line.startswith(_WITH_PAYLOAD_TYPE) and kept:
            payload_type = line.split(":", 1)[1].split(" ", 1)[0]
            if payload_type in kept or payload_type == "*":
                lines.append(line)
        elif line.startswith("a=candidate:"):
            place = _browser_place(line)
            if place is not None and (place in tried or len(tried) < MAX_CANDIDATES):
                tried.add(place)
                lines.append(line)
        elif line.startswith("a=end-of-candidates"):
            continue
        else:
            lines.append(line)
    return "\r\n".join(lines) + "\r\n"


def _browser_place(line: str) -> tuple[str, int] | None:
    """Address and port of a candidate; None for one that is not a browser's: by name, TCP, a system port, a group."""
    fields = line.split(":", 1)[1].split()
    if len(fields) < _CANDIDATE_FIELDS or fields[1] != "1" or fields[2].lower() != "udp":
        return None
    try:
        address, port = ip_address(fields[4]), int(fields[5])
    except ValueError:
        return None
    nobody = address.is_multicast or address.is_unspecified or address.is_reserved
    return None if nobody or not _LOWEST_PORT <= port <= _HIGHEST_PORT else (str(address), port)


def _with_public_address(line: str, address: str) -> str:
    if not line.startswith("a=candidate:") or " typ host" not in line:
        return line
    fields = line.split(" ")
    same_family = (":" in fields[4]) == (":" in address)
    if not same_family or fields[4].startswith("127."):
        return line
    fields[4] = address
    return " ".join(fields)
