"""What ends a socket's loop."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from fastapi import WebSocket

from server.sockets import next_text

Message = MutableMapping[str, Any]


async def opened(*messages: Message) -> WebSocket:
    """A socket whose peer sends these ASGI messages after connecting."""
    waiting: list[Message] = [{"type": "websocket.connect"}, *messages]

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(_message: Message) -> None:
        return

    socket = WebSocket({"type": "websocket", "path": "/", "headers": []}, receive, send)
    await socket.accept()
    return socket


async def test_text_comes_in_order_until_the_peer_closes() -> None:
    socket = await opened({"type": "websocket.receive", "text": "one"}, {"type": "websocket.disconnect", "code": 1001})
    assert [await next_text(socket), await next_text(socket), await next_text(socket)] == ["one", None, None]


async def test_a_binary_message_ends_the_messages() -> None:
    socket = await opened({"type": "websocket.receive", "bytes": b"\x00"})
    assert await next_text(socket) is None
