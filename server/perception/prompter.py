"""Tells what a check asks for that runs by the clock, at its time, however busy the workers are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from proctor.challenge.calibration import dot_prompts
from proctor.challenge.tasks import draw, prompts
from proctor.domain.guided import GuidedKind, GuidedSpec
from proctor.domain.time import NS_PER_S, MediaTime
from proctor.pipeline.outputs import CheckProgressed
from server.perception.protocol import CheckMoved

LONGEST_SLEEP_S: Final = 0.1
"""The sitting's clock is read again at least this often."""


class Prompter:
    """One running check of each sitting; used from one event loop.

    Args:
        tell: called with (sitting id, prompt) on the event loop; must not block.
    """

    def __init__(self, tell: Callable[[str, CheckMoved], None]) -> None:
        self._tell = tell
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, sitting_id: str, spec: GuidedSpec, media_now: Callable[[], MediaTime]) -> None:
        """Tell the prompts of a check as the sitting's media time reaches them; a room scan has none."""
        self.stop(sitting_id)
        if spec.kind is GuidedKind.ROOM_SCAN:
            return
        self._running[sitting_id] = asyncio.create_task(self._run(sitting_id, spec, media_now))

    def stop(self, sitting_id: str) -> None:
        """Tell no more; nothing happens where nothing runs."""
        task = self._running.pop(sitting_id, None)
        if task is not None:
            task.cancel()

    def stop_all(self) -> None:
        """Tell nobody anything any more."""
        for sitting_id in list(self._running):
            self.stop(sitting_id)

    async def _run(self, sitting_id: str, spec: GuidedSpec, media_now: Callable[[], MediaTime]) -> None:
        told = dot_prompts() if spec.kind is GuidedKind.GAZE_CALIBRATION else prompts(draw(spec.seed))
        for since, prompt in told:
            due = MediaTime(spec.begun + since)
            while (ahead := due - media_now()) > 0:  # noqa: ASYNC110 - media time is no event
                await asyncio.sleep(min(ahead / NS_PER_S, LONGEST_SLEEP_S))
            self._tell(sitting_id, CheckMoved(CheckProgressed(spec.check_id, due, prompt=prompt)))
