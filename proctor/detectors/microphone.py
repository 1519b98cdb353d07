"""What the browser says of the microphone."""

from __future__ import annotations

from proctor.domain.media import ClientEvent, ClientEventKind, TrackKind
from proctor.domain.text import Text


def is_about_microphone(event: ClientEvent) -> bool:
    """Whether the event names the microphone as its track."""
    return event.detail.get("track") == TrackKind.MICROPHONE


def processing(event: ClientEvent, name: str) -> bool | None:
    """Whether the browser says that it processes the sound in that way; None when the event does not tell.

    `name` is the browser's own: `autoGainControl`, `noiseSuppression` or `echoCancellation`.
    """
    if event.kind is not ClientEventKind.DEVICES_CHANGED or not is_about_microphone(event):
        return None
    told = event.detail.get(name)
    return told if isinstance(told, bool) else None


def followed_by(first: Text, second: Text) -> Text:
    """Two sentences in a row, in each language."""
    return Text(kk=f"{first.kk} {second.kk}", ru=f"{first.ru} {second.ru}", en=f"{first.en} {second.en}")
