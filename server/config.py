"""Configuration of the server: command line, then a TOML file, then defaults."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

DEFAULT_PORT: Final = 8420


class ConfigError(Exception):
    """The configuration is not valid; the message is one line that names the field."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IceServerConfig(_Table):
    """A STUN or TURN server that browsers are told of."""

    urls: Annotated[list[str], Field(min_length=1, description="Addresses, as RTCPeerConnection takes them.")]
    username: Annotated[str | None, Field(description="User name of a TURN server.")] = None
    credential: Annotated[str | None, Field(description="Password of a TURN server.")] = None


class NetworkConfig(_Table):
    """How browsers reach the media ports."""

    public_address: Annotated[
        str | None, Field(description="Address told to browsers where a firewall translates one to one.")
    ] = None
    udp_ports: Annotated[
        tuple[int, int] | None, Field(description="First and last UDP port for media; any when left out.")
    ] = None
    bind_addresses: Annotated[
        list[str] | None, Field(description="Local addresses for media; all but loopback when left out.")
    ] = None
    include_loopback: Annotated[bool, Field(description="Also listen on 127.0.0.1.")] = False


class ServerConfig(_Table):
    """Everything that the server is told."""

    host: Annotated[str, Field(description="Address that HTTP listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port that HTTP listens on.")] = DEFAULT_PORT
    data: Annotated[Path, Field(description="Directory of database, recordings and pictures.")] = Path()
    tls_cert: Annotated[Path | None, Field(description="Certificate chain in PEM; needs tls_key.")] = None
    tls_key: Annotated[Path | None, Field(description="Private key in PEM; needs tls_cert.")] = None
    workers: Annotated[int, Field(ge=1, le=256, description="Perception processes; one a core by default.")] = (
        os.cpu_count() or 1
    )
    models: Annotated[Path | None, Field(description="Directory of the installed models.")] = None
    network: NetworkConfig = NetworkConfig()
    ice_servers: Annotated[list[IceServerConfig], Field(description="STUN and TURN servers for browsers.")] = []

    @property
    def media_on_loopback(self) -> bool:
        """Whether a browser on the same machine must be reachable without any network."""
        return self.network.include_loopback or self.host in {"127.0.0.1", "localhost", "::1"}


def default_data_dir(name: str = "proctor") -> Path:
    """Where data is kept when nothing else is said."""
    return Path(platformdirs.user_data_dir(name, appauthor=False))


def load_config(path: Path | None, overrides: Mapping[str, object]) -> ServerConfig:
    """The configuration of a TOML file with `overrides` on top; None among them means not given.

    Raises:
        ConfigError: the file cannot be read, or a field is missing, unknown or wrong.
    """
    values: dict[str, object] = {"data": default_data_dir()}
    if path is not None:
        try:
            values |= tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{path}: cannot be read: {error}") from error
    values |= {name: value for name, value in overrides.items() if value is not None}
    try:
        config = ServerConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        place = f"{path}: " if path is not None else ""
        raise ConfigError(f"{place}{field}: {first['msg']}") from error
    if (config.tls_cert is None) != (config.tls_key is None):
        missing = "tls_key" if config.tls_key is None else "tls_cert"
        raise ConfigError(f"{missing}: is needed beside the other half of the certificate")
    return config
