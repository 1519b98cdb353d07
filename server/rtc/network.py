"""How peer connections reach each other: addresses, ports, helpers for address translation."""

from __future__ import annotations

from dataclasses import dataclass

_HIGHEST_PORT = 65_535
_LOWEST_PORT = 1_024


@dataclass(frozen=True, slots=True)
class IceServer:
    """A STUN or TURN server that this process itself uses."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Where peer connections listen and which address they tell.

    Nothing outside is called by default: `ice_servers` is empty and is always passed on explicitly, because aiortc's
    own default is a public STUN server.

    Raises:
        ValueError: the port range is not two ports from 1024 to 65535 in ascending order.
    """

    ice_servers: tuple[IceServer, ...] = ()
    public_address: str | None = None
    """Written into host candidates of answers where a firewall translates addresses one to one."""
    udp_ports: tuple[int, int] | None = None
    """First and last UDP port that may be bound; None leaves the choice to the system."""
    bind_addresses: tuple[str, ...] | None = None
    """Local addresses to listen on; None means every address of the machine but loopback."""
    include_loopback: bool = False
    """Listen on 127.0.0.1 too, so that a browser on the same machine connects without any network."""

    def __post_init__(self) -> None:
        """Refuse a port range that could never be bound."""
        if self.udp_ports is None:
            return
        first, last = self.udp_ports
        if not _LOWEST_PORT <= first <= last <= _HIGHEST_PORT:
            raise ValueError(f"udp_ports must be two ports from {_LOWEST_PORT} to {_HIGHEST_PORT}, got {first}-{last}")
