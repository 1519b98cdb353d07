"""Peer connections whose receivers and senders are ours in place of aiortc's.

Nothing of aiortc is replaced for the process: a subclass makes each connection's parts, so that importing this package
changes nothing, and a connection made elsewhere stays stock. The private names that this leans on are few, listed in
`PRIVATE_SURFACE` and held by a contract test against the pinned version.
"""

# ruff: noqa: SLF001, N802 - this file adapts aiortc's private surface under its own names; the contract test pins it

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import aioice
import aiortc
import structlog
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDtlsTransport,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpTransceiver,
)
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError

from proctor.domain.errors import ProctorError
from server.rtc.ice import FilteringConnection
from server.rtc.network import NetworkSettings
from server.rtc.synchronous_path import DatagramCounts, SynchronousPath

_log = structlog.get_logger(__name__)

AIORTC_VERSION: Final = "1.16.0"
AIOICE_SERIES: Final = "0.13."

PRIVATE_SURFACE: Final[tuple[tuple[type, tuple[str, ...]], ...]] = (
    (RTCPeerConnection, ("_RTCPeerConnection__createTransceiver", "_RTCPeerConnection__createDtlsTransport")),
    (RTCDtlsTransport, ("_register_rtp_receiver", "_unregister_rtp_receiver", "_register_rtp_sender")),
    (aioice.Connection, ("get_component_candidates", "data_received")),
)
"""Classes and the private methods of theirs that are overridden or called."""


class UnsupportedAiortcError(ProctorError):
    """The installed aiortc or aioice is not the one that the media plane was built against."""


def require_supported_aiortc() -> None:
    """Check, once at start-up, that the installed aiortc is the pinned one.

    Raises:
        UnsupportedAiortcError: another version is installed, or a private name that is leaned on is gone.
    """
    if aiortc.__version__ != AIORTC_VERSION or not aioice.__version__.startswith(AIOICE_SERIES):
        raise UnsupportedAiortcError(
            f"the media plane needs aiortc {AIORTC_VERSION} with aioice {AIOICE_SERIES}x, "
            f"found aiortc {aiortc.__version__} with aioice {aioice.__version__}; reinstall from the lock file"
        )
    gone = [
        f"{owner.__name__}.{name}" for owner, names in PRIVATE_SURFACE for name in names if not hasattr(owner, name)
    ]
    if gone:
        raise UnsupportedAiortcError(f"aiortc or aioice lacks {', '.join(gone)}; reinstall from the lock file")


class TransceiverPart(Protocol):
    """A receiver or sender as `RTCPeerConnection` uses it."""

    async def stop(self) -> None:
        """Stop for good."""
        ...


PartFactory = Callable[[str, RTCDtlsTransport], TransceiverPart]
"""Makes a receiver or sender from the kind of media ("audio" or "video") and the transport."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands in place of aiortc's own; None keeps aiortc's, which must then never be started."""

    receiver: PartFactory | None = None
    sender: PartFactory | None = None


class MediaPeerConnection(RTCPeerConnection):
    """A bundled peer connection with media on the synchronous path.

    `dtls` is the one transport, there as soon as a transceiver is.
    """

    def __init__(self, network: NetworkSettings, parts: Parts, now_ns: Callable[[], int]) -> None:
        servers = [
            RTCIceServer(urls=list(server.urls), username=server.username, credential=server.credential)
            for server in network.ice_servers
        ]
        super().__init__(RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.datagrams = DatagramCounts()
        self.media_path: SynchronousPath | None = None
        self.dtls: RTCDtlsTransport | None = None
        self._network = network
        self._parts = parts
        self._now_ns = now_ns

    def _RTCPeerConnection__createTransceiver(self, *arguments: Any, **named: Any) -> RTCRtpTransceiver:  # noqa: ANN401 - passed on
        make = cast("Any", super())._RTCPeerConnection__createTransceiver
        transceiver: RTCRtpTransceiver = make(*arguments, **named)
        parts, changed = self._parts, cast("Any", transceiver)
        transport = transceiver.receiver.transport
        if parts.sender is not None:
            sender: Any = parts.sender(transceiver.kind, transport)
            sender._stream_id = transceiver.sender._stream_id
            changed._RTCRtpTransceiver__sender = sender
        if parts.receiver is not None:
            receiver: Any = parts.receiver(transceiver.kind, transport)
            receiver._set_rtcp_ssrc(transceiver.sender._ssrc)
            changed._RTCRtpTransceiver__receiver = receiver
        return transceiver

    def _RTCPeerConnection__createDtlsTransport(self) -> RTCDtlsTransport:
        make = cast("Any", super())._RTCPeerConnection__createDtlsTransport
        dtls: RTCDtlsTransport = make()
        ice = dtls.transport
        connection = FilteringConnection(self._network, self.datagrams, ice._connection)
        ice.iceGatherer._connection = ice._connection = connection
        changed = cast("Any", ice)
        changed._recv, changed._send = connection.recv, connection.send
        self.dtls = dtls

        def follow_state() -> None:
            if dtls.state == "connected":
                self.media_path = SynchronousPath(dtls, self.datagrams, self._now_ns)
                connection.media_path = self.media_path
            elif dtls.state in {"closed", "failed"}:
                connection.media_path = None

        dtls.on("statechange", follow_state)
        return dtls


class NoAddressError(ProctorError):
    """No local address could be bound, so that nobody can connect."""


REFUSALS: Final = (
    InternalError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
    AssertionError,
    AttributeError,
    KeyError,
    ValueError,
)
"""What aiortc raises on descriptions that it cannot use."""

_CLOSE_TIMEOUT_S: Final = 5.0


def receivers_by_mid(peer: RTCPeerConnection) -> dict[str, Any]:
    """The receivers of a connection by the mid of their media section."""
    return {transceiver.mid or "": transceiver.receiver for transceiver in peer.getTransceivers()}


def senders_by_mid(peer: RTCPeerConnection) -> dict[str, Any]:
    """The senders of a connection by the mid of their media section."""
    return {transceiver.mid or "": transceiver.sender for transceiver in peer.getTransceivers()}


async def close_peer(peer: RTCPeerConnection) -> None:
    """Close a connection, but do not wait for ever."""
    try:
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            await peer.close()
    except TimeoutError:
        _log.warning("peer_connection_slow_to_close")
