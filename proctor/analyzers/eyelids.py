"""Whether the eyes of a face mesh are open, for photographs only.

Openness is the distance of the lids as a share of the eye's width (the eye aspect ratio of T. Soukupova and J. Cech,
"Real-time eye blink detection using facial landmarks", 2016, on the mesh's own points). Eyes are narrow by nature, in a
smile or against the light: a photograph is therefore called closed only where both lids meet.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MeshPoints = NDArray[np.float64]

OPEN_FROM: Final = 0.18
"""Openness from which an eye is open beyond doubt."""
CLOSED_BELOW: Final = 0.08
"""Openness below which the lids meet: blinks on labelled clips came down to 0.06 to 0.08, the narrowest open eyes of
240 labelled pictures had 0.12. What lies between the two cannot be told."""
LEAST_EYE_PX: Final = 12.0
"""Narrower eyes are a few pixels high even when they are open."""
LIDS: Final = (
    ((33, 133), ((160, 144), (159, 145), (158, 153))),
    ((362, 263), ((385, 380), (386, 374), (387, 373))),
)
"""Of each eye the corners, and pairs of points on the upper and lower lid."""


def openness(points: MeshPoints) -> tuple[float, float]:
    """Openness of the two eyes, that on the picture's left first; `points` of shape (478, 3), in pixels."""
    ratios = []
    for (start, end), pairs in LIDS:
        width = float(np.linalg.norm(points[end, :2] - points[start, :2]))
        gaps = [float(np.linalg.norm(points[upper, :2] - points[lower, :2])) for upper, lower in pairs]
        ratios.append(sum(gaps) / len(gaps) / max(width, 1.0))
    return ratios[0], ratios[1]


def eyes_open(points: MeshPoints) -> bool | None:
    """True or False where it is plain, None where it cannot be told."""
    widths = [float(np.linalg.norm(points[end, :2] - points[start, :2])) for (start, end), _ in LIDS]
    if min(widths) < LEAST_EYE_PX:
        return None
    wider = max(openness(points))
    if wider >= OPEN_FROM:
        return True
    return False if wider < CLOSED_BELOW else None
