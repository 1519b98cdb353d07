"""Reading from WebSockets."""

from __future__ import annotations

from fastapi import WebSocket, WebSocketDisconnect


async def next_text(socket: WebSocket) -> str | None:
    """The next text message; None when either end closed the socket, or it sent something else than text."""
    try:
        return await socket.receive_text()
    except (WebSocketDisconnect, RuntimeError, KeyError):
        # Starlette's words for: the peer has closed, we have closed, a binary message.
        return None
