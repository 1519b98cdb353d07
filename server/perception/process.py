"""One worker process as the server holds it: its socket, what it said, its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

from server.perception.protocol import AnyFromWorker, Decoder, Encoder, ToWorker

PACKAGE_ROOT: Final = Path(__file__).resolve().parents[2]
KERNEL_BUFFER_BYTES: Final = 1 << 20
LARGEST_PICTURE_PX: Final = 1 << 23
"""Identity photographs above 3840x2160 are refused before they are unpacked: judging 33 megapixels took 2.5 s, during
which nothing else of the worker's sittings was analysed."""


class WorkerLink(asyncio.Protocol):
    """The server's end of a worker's socket.

    Args:
        received: called with each message.
        ended: called once when the worker is gone, or sent what cannot be read.
    """

    def __init__(self, received: Callable[[AnyFromWorker], None], ended: Callable[[], None]) -> None:
        self._received = received
        self._ended = ended
        self._encoder = Encoder()
        self._decoder: Decoder[AnyFromWorker] = Decoder(AnyFromWorker)  # type: ignore[arg-type]
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; called by asyncio."""
        # No isinstance here: uvloop's transports do not derive from asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand on what the worker said; called by asyncio.

        Raises:
            ProtocolError: it cannot be read; asyncio then closes the connection, which counts as the worker's end.
        """
        for message in self._decoder.feed(data):
            self._received(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """The worker is gone; called by asyncio."""
        del exc  # the exit code says more
        self._transport = None
        self._ended()

    @property
    def waiting_bytes(self) -> int:
        """Bytes that the worker has not taken yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def send(self, message: ToWorker) -> None:
        """Send without waiting; nothing happens when the worker is gone."""
        if self._transport is not None:
            self._transport.write(self._encoder.encode(message))

    def close(self) -> None:
        """Close the server's end, upon which the worker ends by itself."""
        if self._transport is not None:
            self._transport.close()


class WorkerProcess:
    """A started worker and the link to it."""

    def __init__(self, process: asyncio.subprocess.Process, link: WorkerLink) -> None:
        self._process = process
        self.link = link

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def wait(self) -> int:
        """Wait for its end; return the exit code."""
        return await self._process.wait()


async def start_worker(
    models_dir: Path | None, received: Callable[[AnyFromWorker], None], ended: Callable[[], None]
) -> WorkerProcess:
    """Start a worker; it says `Ready` when its models are loaded.

    Raises:
        OSError: the process cannot be started.
    """
    ours, theirs = socket.socketpair()
    try:
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
        ours.setblocking(False)  # noqa: FBT003 - the standard library takes it by position only
        models = [] if models_dir is None else ["--models", str(models_dir)]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server.perception.worker", "--fd", str(theirs.fileno()), *models),
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=_environment(),
        )
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    link = WorkerLink(received, ended)
    await asyncio.get_running_loop().create_connection(lambda: link, sock=ours)
    return WorkerProcess(process, link)


def _environment() -> dict[str, str]:
    """The server's environment, with this package found first and the model runtimes quiet and single-threaded."""
    paths = [str(PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "GLOG_minloglevel": "2",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OMP_NUM_THREADS": "1",
        "OPENCV_IO_MAX_IMAGE_PIXELS": str(LARGEST_PICTURE_PX),
    }
