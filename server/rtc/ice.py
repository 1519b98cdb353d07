"""An ICE agent that listens where it is told to and lets nothing but a peer's own datagrams through.

Builds on aioice's `Connection`, whose private parts it leans on are held by the contract test.
"""

# ruff: noqa: SLF001 - this file adapts aioice's private surface; the contract test pins it

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Coroutine
from typing import Any, Final, cast

import structlog
from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol, server_reflexive_candidate

from server.rtc.network import NetworkSettings
from server.rtc.synchronous_path import DatagramCounts, SynchronousPath

_log = structlog.get_logger(__name__)

_LOOPBACK: Final = "127.0.0.1"
_RECEIVE_BUFFER_BYTES: Final = 1 << 20
_MAX_WAITING: Final = 64
"""DTLS datagrams that may wait for the handshake's task."""
_LAST_STUN: Final = 3
_DTLS: Final = range(20, 64)
_MEDIA: Final = range(128, 192)
_NOTHING: Final = 255


class FilteringConnection(Connection):
    """One connection's ICE agent.

    `media_path` takes media as soon as keys are agreed on. Everything else that is not DTLS from a known address or
    STUN is counted and dropped: aiortc would queue it without bound, and an empty datagram would end the connection.
    """

    def __init__(self, network: NetworkSettings, counts: DatagramCounts, like: Connection) -> None:
        super().__init__(
            ice_controlling=like.ice_controlling,
            stun_server=like.stun_server,
            turn_server=like.turn_server,
            turn_username=like.turn_username,
            turn_password=like.turn_password,
            turn_ssl=like.turn_ssl,
            turn_transport=like.turn_transport,
            local_username=like.local_username,
            local_password=like.local_password,
        )
        self.media_path: SynchronousPath | None = None
        self.counts = counts
        self._network = network

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109 - the overridden signature
    ) -> list[Candidate]:
        """Bind the sockets and gather candidates, as `NetworkSettings` say."""
        protocols = [
            protocol
            for address in self._chosen(addresses)
            if (protocol := await self._listen(component, address)) is not None
        ]
        self._protocols += protocols
        candidates = [protocol.local_candidate for protocol in protocols]
        if self.stun_server:
            candidates += await self._reflexive(protocols, timeout)
        relayed = await super().get_component_candidates(component, [], timeout)
        return candidates + relayed

    def receive(self, protocol: StunProtocol, data: bytes, address: tuple[str, int]) -> None:
        """Take one datagram of a host candidate's socket; never raises."""
        first = data[0] if data else _NOTHING
        if first in _MEDIA:
            self._receive_media(data)
        elif first in _DTLS:
            if any((known._network_host, known.port) == address for known in self._remote_candidates):
                self._enqueue(data)
            else:
                self.counts.junk += 1
        elif first <= _LAST_STUN:
            try:
                StunProtocol.datagram_received(protocol, data, address)
            except Exception:  # noqa: BLE001 - anyone can send this, and aioice's parser is not ours to trust
                self.counts.junk += 1
        else:
            self.counts.junk += 1

    def data_received(self, data: bytes, component: int) -> None:
        """Take what aioice found not to be STUN: a relay's datagrams, and malformed STUN."""
        first = data[0] if data else _NOTHING
        if first in _MEDIA:
            self._receive_media(data)
        elif first in _DTLS and component == 1:
            self._enqueue(data)
        else:
            self.counts.junk += 1

    def _receive_media(self, data: bytes) -> None:
        if self.media_path is None:
            self.counts.early += 1
        else:
            self.media_path.receive(data)

    def _enqueue(self, data: bytes) -> None:
        if self._queue.qsize() < _MAX_WAITING:
            self._queue.put_nowait((data, 1))
        else:
            self.counts.junk += 1

    def _chosen(self, addresses: list[str]) -> list[str]:
        wanted = self._network.bind_addresses
        chosen = list(addresses if wanted is None else wanted)
        if self._network.include_loopback and _LOOPBACK not in chosen:
            chosen.append(_LOOPBACK)
        return chosen

    async def _listen(self, component: int, address: str) -> StunProtocol | None:
        loop = asyncio.get_running_loop()
        for port in self._ports():
            try:
                transport, protocol = await loop.create_datagram_endpoint(
                    lambda: FilteringProtocol(self), local_addr=(address, port)
                )
            except OSError:
                continue
            bound = cast("socket.socket | None", transport.get_extra_info("socket"))
            if bound is not None:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
            host, local_port = transport.get_extra_info("sockname")[:2]
            protocol.local_candidate = Candidate(
                foundation=candidate_foundation("host", "udp", host),
                component=component,
                transport="udp",
                priority=candidate_priority(component, "host"),
                host=host,
                port=local_port,
                type="host",
            )
            return protocol
        _log.warning("no_udp_port_free", address=address, udp_ports=self._network.udp_ports)
        return None

    def _ports(self) -> list[int]:
        if self._network.udp_ports is None:
            return [0]
        first, last = self._network.udp_ports
        ports = list(range(first, last + 1))
        turn = random.randrange(len(ports))  # noqa: S311 - spreads the search, guards nothing
        return ports[turn:] + ports[:turn]

    async def _reflexive(self, protocols: list[StunProtocol], timeout_s: int) -> list[Candidate]:
        if self.stun_server is None:
            return []
        asked: list[Coroutine[Any, Any, tuple[Candidate, None]]] = [
            asyncio.wait_for(server_reflexive_candidate(protocol, self.stun_server), timeout_s)
            for protocol in protocols
            if ":" not in protocol.local_candidate.host
        ]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        return [answer[0] for answer in answers if not isinstance(answer, BaseException)]


class FilteringProtocol(StunProtocol):
    """The socket of one host candidate."""

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """Hand every datagram to the connection's filter."""
        cast("FilteringConnection", self.receiver).receive(self, cast("bytes", data), (addr[0], addr[1]))
