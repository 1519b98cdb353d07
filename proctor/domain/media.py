"""Inputs of the line: encoded frames for the recorder, pictures, sound and events for analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from proctor.domain.time import MediaTime

if TYPE_CHECKING:  # the server passes encoded media on and starts sooner without it
    import numpy as np
    from numpy.typing import NDArray

DetailValue = str | int | float | bool


class TrackKind(StrEnum):
    """What a recorded track shows or carries."""

    CAMERA = "camera"
    SCREEN = "screen"
    MICROPHONE = "microphone"
    PHONE = "phone"


class Codec(StrEnum):
    """Encodings that are recorded as they arrive."""

    VP8 = "vp8"
    OPUS = "opus"


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """One encoded video frame or one Opus packet, exactly as the sender's encoder produced it."""

    track: TrackKind
    leg: int
    """Counts the peer connections of a sitting from 1."""
    at: MediaTime
    rtp_time: int
    """RTP timestamp unwrapped over the leg (90 kHz video, 48 kHz Opus)."""
    codec: Codec
    data: bytes
    is_key: bool
    temporal_id: int
    """VP8 temporal layer; layer 0 alone is decodable on its own. Always 0 for sound."""
    after_gap: bool
    """True when frames before this one are missing, so that decoding must wait for a key frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture, upright, as displayed."""

    track: TrackKind
    at: MediaTime
    rgb: NDArray[np.uint8]
    """Shape (height, width, 3), RGB, C-contiguous."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]


@dataclass(frozen=True, slots=True, eq=False)
class AudioChunk:
    """A stretch of decoded sound that follows the previous one without overlap."""

    at: MediaTime
    """Time of the first sample."""
    pcm: NDArray[np.float32]
    """Shape (samples,), mono, 16 kHz, full scale is 1.0."""


AUDIO_RATE_HZ = 16_000


class ClientEventKind(StrEnum):
    """What the candidate's browser reports."""

    FOCUS_LOST = "focus_lost"
    FOCUS_GAINED = "focus_gained"
    TAB_HIDDEN = "tab_hidden"
    TAB_VISIBLE = "tab_visible"
    FULLSCREEN_LEFT = "fullscreen_left"
    FULLSCREEN_ENTERED = "fullscreen_entered"
    CLIPBOARD_COPY = "clipboard_copy"
    CLIPBOARD_CUT = "clipboard_cut"
    CLIPBOARD_PASTE = "clipboard_paste"
    DISPLAYS_CHANGED = "displays_changed"
    DEVICES_CHANGED = "devices_changed"
    TRACK_MUTED = "track_muted"
    TRACK_UNMUTED = "track_unmuted"
    TRACK_ENDED = "track_ended"
    SCREEN_SHARE_STOPPED = "screen_share_stopped"
    SCREEN_SHARE_STARTED = "screen_share_started"
    PAGE_CLOSING = "page_closing"


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """Something that the browser noticed; `detail` holds small plain values, never typed text."""

    kind: ClientEventKind
    at: MediaTime
    detail: Mapping[str, DetailValue] = field(default_factory=dict)


class LinkState(StrEnum):
    """Whether media of a sitting is arriving, as seen by ingest."""

    LOST = "lost"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """Ingest noticed that media stopped or came back."""

    state: LinkState
    at: MediaTime
