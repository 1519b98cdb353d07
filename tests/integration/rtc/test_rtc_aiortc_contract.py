"""Holds the private parts of aiortc and aioice that the media plane leans on.

When one of these fails after an upgrade, read the changed part of aiortc beside `server/rtc` before changing the
version in `server.rtc.peer`.
"""

from __future__ import annotations

import inspect
import os
from importlib.metadata import version

import aioice
import aiortc
import pylibsrtp
import pytest
from aioice.ice import StunProtocol, server_reflexive_candidate
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCRtpTransceiver
from aiortc.rtcdtlstransport import RtpRouter
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtcrtpsender import RTCRtpSender
from rtc_rig import LOOPBACK, published, until

from proctor.domain.media import TrackKind
from server.rtc import peer
from server.rtc.clock import SenderClock
from server.rtc.ice import FilteringConnection, FilteringProtocol
from server.rtc.outgoing import OutgoingStream
from server.rtc.peer import MediaPeerConnection, Parts, UnsupportedAiortcError, require_supported_aiortc
from server.rtc.pump_source import PumpSource
from server.rtc.receiver import EncodedReceiver


def test_installed_versions_are_the_pinned_ones() -> None:
    assert version("aiortc") == peer.AIORTC_VERSION
    assert version("aioice").startswith(peer.AIOICE_SERIES)
    require_supported_aiortc()


@pytest.mark.parametrize(("module", "changed"), [(aiortc, "1.17.0"), (aioice, "0.14.0")])
def test_another_version_stops_the_start(monkeypatch: pytest.MonkeyPatch, module: object, changed: str) -> None:
    monkeypatch.setattr(module, "__version__", changed)
    with pytest.raises(UnsupportedAiortcError, match=changed):
        require_supported_aiortc()


def test_a_private_name_that_is_gone_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(RTCPeerConnection, "_RTCPeerConnection__createTransceiver")
    with pytest.raises(UnsupportedAiortcError, match="__createTransceiver"):
        require_supported_aiortc()


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        (RTCPeerConnection._RTCPeerConnection__createTransceiver, ["self", "direction", "kind", "sender_track"]),
        (RTCPeerConnection._RTCPeerConnection__createDtlsTransport, ["self"]),
        (RTCRtpReceiver.receive, ["self", "parameters"]),
        (RTCRtpReceiver._set_rtcp_ssrc, ["self", "ssrc"]),
        (RTCRtpReceiver._handle_rtp_packet, ["self", "packet", "arrival_time_ms"]),
        (RTCRtpReceiver._handle_rtcp_packet, ["self", "packet"]),
        (RTCRtpReceiver._handle_disconnect, ["self"]),
        (RTCRtpSender.send, ["self", "parameters"]),
        (RTCRtpSender._handle_rtcp_packet, ["self", "packet"]),
        (aioice.Connection.get_component_candidates, ["self", "component", "addresses", "timeout"]),
        (aioice.Connection.data_received, ["self", "data", "component"]),
        (StunProtocol.datagram_received, ["self", "data", "addr"]),
        (server_reflexive_candidate, ["protocol", "stun_server"]),
        (RtpRouter.route_rtcp, ["self", "packet"]),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_signatures_that_are_overridden_or_stood_in_for(method: object, parameters: list[str]) -> None:
    assert callable(method)
    assert list(inspect.signature(method).parameters) == parameters


@pytest.mark.parametrize(("ours", "theirs"), [(EncodedReceiver, RTCRtpReceiver), (OutgoingStream, RTCRtpSender)])
def test_what_peer_connections_and_transceivers_call_is_there(ours: type, theirs: type) -> None:
    source = inspect.getsource(inspect.getmodule(RTCPeerConnection) or object) + inspect.getsource(RTCRtpTransceiver)
    role = "receiver" if ours is EncodedReceiver else "sender"
    for name in dir(theirs):
        if f"{role}.{name}(" in source and not name.startswith("__"):
            assert hasattr(ours, name), f"{ours.__name__} lacks {name}"


async def test_private_attributes_of_a_connection() -> None:
    clock_ns = iter(range(10**9)).__next__
    made: list[EncodedReceiver] = []

    def make(kind: str, transport: aiortc.RTCDtlsTransport) -> EncodedReceiver:
        made.append(EncodedReceiver(kind, transport, SenderClock(), clock_ns))
        return made[-1]

    connection = MediaPeerConnection(LOOPBACK, Parts(receiver=make), clock_ns)
    transceiver = connection.addTransceiver("video", direction="recvonly")
    assert transceiver.receiver is made[0]
    dtls = connection.dtls
    assert dtls is not None
    ice = dtls.transport
    assert isinstance(ice._connection, FilteringConnection)
    assert ice.iceGatherer._connection is ice._connection
    assert ice._recv == ice._connection.recv
    assert ice._send == ice._connection.send
    assert dtls._rx_srtp is None
    assert dtls._tx_srtp is None
    router = dtls._rtp_router
    assert (router.ssrc_table, router.payload_type_table, router.senders) == ({}, {}, {})
    assert (ice._connection._nominated, ice._connection._remote_candidates) == ({}, [])
    assert ice._connection._queue.qsize() == 0
    await connection.close()


async def test_stock_connections_stay_stock() -> None:
    stock = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    assert type(stock.addTransceiver("video").receiver) is RTCRtpReceiver
    await stock.close()


def test_srtp_errors_are_of_the_expected_kinds() -> None:
    policy = pylibsrtp.Policy(key=os.urandom(30), ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND)
    srtp = pylibsrtp.Session(policy)
    for data in (b"", b"\x80", b"\x80" * 12, b"\x80" * 1_500, os.urandom(60), b"\x80" * 9_000):
        for unprotect in (srtp.unprotect, srtp.unprotect_rtcp):
            with pytest.raises((pylibsrtp.Error, ValueError)):
                unprotect(data)


async def test_both_picture_tracks_have_their_retransmissions_routed(source: PumpSource) -> None:
    async with published(source) as publication:
        await until(lambda: publication.figures(TrackKind.SCREEN).frames > 0)
        for track in (TrackKind.CAMERA, TrackKind.SCREEN):
            receiver = publication.leg.receiver(track)
            assert receiver is not None
            assert len(receiver._retransmission_of) == 1
            table = receiver.transport._rtp_router.ssrc_table
            assert all(table[ssrc] is receiver for ssrc in receiver._retransmission_of)
        protocols = receiver.transport.transport._connection._protocols
        assert all(isinstance(protocol, FilteringProtocol) for protocol in protocols)
