"""The candidate that all ways get: somebody at a desk who speaks now and then; for a moment somebody else is there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.media.files import write_clip
from tests.media.scenes import Scene, Shot, pictures
from tests.media.sounds import soundtrack

FPS: Final = 15
SHOTS: Final = (Shot(Scene.PRESENT, 17.0), Shot(Scene.TWO_PEOPLE, 2.2))
SPEECH_AT_S: Final = {5.0: 3.0}


def write_candidate(path: Path) -> None:
    """Compose the clip: WebM, 640x480 at 15 pictures a second, with sound."""
    seconds = sum(shot.seconds for shot in SHOTS)
    write_clip(path, pictures(SHOTS, FPS), FPS, soundtrack(seconds, SPEECH_AT_S))
