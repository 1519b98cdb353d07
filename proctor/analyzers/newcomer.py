"""Notices something new of the size of a hand, a telephone or a book beside the candidate's face, by luma alone.

Pictures are averaged down to 80x60 luma. A cell is new where it is brighter or darker than in any picture of the last
while: who sways or comes back to a posture has been there before. What is new in one piece about as large as a part of
the face, and still there in the next picture, may be something that was held up or laid down; thin edges and changes of
light are not. What it is, a model has to tell.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.geometry import overlap
from proctor.analyzers.luma_plane import PLANE_HEIGHT_PX, PLANE_WIDTH_PX, LumaPlane
from proctor.domain.observations import Box
from proctor.domain.time import NS_PER_S, MediaTime

KEPT: Final = 8
"""Known pictures that the present one is compared with."""
LEAST_KNOWN: Final = 4
"""Before so many are known, who sways comes to places that are in none of them."""
KEPT_EVERY: Final = 1 * NS_PER_S
NEW_FOR: Final = 2 * NS_PER_S
"""Pictures become known, and what they show is no longer new, after so long."""
CHANGED_LUMA: Final = 12.0
"""A cell has changed from here on; noise and compression stay below 4 in a cell of 8x8 pixels."""
CORE: Final = np.ones((3, 3), np.uint8)
"""Only what is at least so many cells thick counts: the edges of somebody who sways are thinner."""
LEAST_FACE_AREAS: Final = 0.1
"""A telephone held beside the face covers 0.3 to 0.5 of the face's area, seen from its edge half of that."""
MOST_FACE_AREAS: Final = 3.0
"""A hand and a forearm with what they hold stay below; who leans aside changes more."""
REACH: Final = 3.0
"""Hands, and what they hold, are at most so many heights of the face away from its centre."""
MOST_AT_ONCE: Final = 0.25
"""Share of the cells; where more are new at once, what has come is large, and has changed the picture's mean itself."""
ANOTHER_PICTURE: Final = 0.5
"""Share of the cells from which on nothing has come: the picture as a whole is another one."""
LASTS: Final = 0.5
"""Overlap with its place in the previous picture from which the new thing stays there."""


class NewcomerWatch:
    """The last pictures of one track of one sitting (230 kB)."""

    def __init__(self) -> None:
        self._fresh: deque[tuple[MediaTime, LumaPlane]] = deque()
        """Pictures that may show the new thing already."""
        self._known: deque[LumaPlane] = deque(maxlen=KEPT)
        self._range: tuple[LumaPlane, LumaPlane] | None = None
        """In each cell what is darker, and what is brighter, than in all known pictures, against the mean of each."""
        self._place: Box | None = None

    def has_come(self, at: MediaTime, plane: LumaPlane, face: Box, size: tuple[int, int]) -> bool:
        """Take the next picture: whether something new is where it was in the previous one too.

        `face` is the candidate's, in pixels of the picture of `size` (width, height).
        """
        even = self._levelled(plane)
        self._keep(at, even)
        before, self._place = self._place, self._newcomer(even, face, size)
        return before is not None and self._place is not None and overlap(before, self._place) >= LASTS

    @property
    def place(self) -> Box | None:
        """Where the new thing is in the last picture, in its pixels; None where there is none."""
        return self._place

    def _levelled(self, plane: LumaPlane) -> LumaPlane:
        """The plane without its own brightness; nothing is known any more where it is of another picture as a whole.

        Its mean tells the brightness at little cost, and well while what has come is small; where much is new at once
        the median of the changes does, which what covers less than half of the picture does not move.
        """
        even: LumaPlane = plane - np.float32(cv2.mean(plane)[0])
        if self._range is None or _share(self._range, even) <= MOST_AT_ONCE:
            return even
        even -= np.float32(np.median(even - (self._range[0] + self._range[1]) / 2))
        if _share(self._range, even) > ANOTHER_PICTURE:
            self._fresh.clear()
            self._known.clear()
            self._range = None
        return even

    def _keep(self, at: MediaTime, even: LumaPlane) -> None:
        if not self._fresh or at - self._fresh[-1][0] >= KEPT_EVERY:
            self._fresh.append((at, even))
        if at - self._fresh[0][0] >= NEW_FOR:
            self._known.append(self._fresh.popleft()[1])
            if len(self._known) >= LEAST_KNOWN:
                known = np.stack(self._known)
                self._range = known.min(axis=0) - CHANGED_LUMA, known.max(axis=0) + CHANGED_LUMA

    def _newcomer(self, even: LumaPlane, face: Box, size: tuple[int, int]) -> Box | None:
        """Where the largest new thing near the face is, in pixels."""
        if self._range is None:
            return None
        new = _new(self._range, even)
        if np.count_nonzero(new) < CORE.size:
            return None
        thick = cv2.morphologyEx(new.astype(np.uint8), cv2.MORPH_OPEN, CORE)
        across, down = size[0] / PLANE_WIDTH_PX, size[1] / PLANE_HEIGHT_PX
        face_cells = max(1.0, face[2] * face[3] / (across * down))
        number, _, stats, centres = cv2.connectedComponentsWithStats(thick, connectivity=4)
        found: tuple[int, Box] | None = None
        for part in range(1, number):
            left, top, width, height, cells = (int(value) for value in stats[part])
            if not LEAST_FACE_AREAS * face_cells <= cells <= MOST_FACE_AREAS * face_cells:
                continue
            x, y = float(centres[part][0] + 0.5) * across, float(centres[part][1] + 0.5) * down
            if _is_near(x, y, face) and (found is None or cells > found[0]):
                found = cells, (left * across, top * down, width * across, height * down)
        return None if found is None else found[1]


def _new(known: tuple[LumaPlane, LumaPlane], even: LumaPlane) -> NDArray[np.bool_]:
    """Which cells are darker or brighter than in all known pictures, shape (60, 80)."""
    return np.asarray((even < known[0]) | (even > known[1]))


def _share(known: tuple[LumaPlane, LumaPlane], even: LumaPlane) -> float:
    """Share of the cells that are new."""
    return np.count_nonzero(_new(known, even)) / even.size


def _is_near(x: float, y: float, face: Box) -> bool:
    """Whether a point is within reach of the face, but not in its middle."""
    dx, dy = x - face[0] - face[2] / 2, y - face[1] - face[3] / 2
    is_face = abs(dx) < face[2] / 4 and abs(dy) < face[3] / 4
    return not is_face and max(abs(dx), abs(dy)) <= REACH * face[3]
