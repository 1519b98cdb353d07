"""Notices that a picture was enlarged, or encoded at another size before: either leaves an even pattern.

Where a picture was enlarged by a factor, the second derivative along a row is weaker at pixels that lie between two of
the smaller picture's, for interpolating smooths, and this repeats along the row (A. C. Gallagher, "Detection of linear
and cubic interpolation in JPEG compressed images", CRV 2005; A. C. Popescu and H. Farid, "Exposing digital forgeries by
detecting traces of resampling", IEEE Transactions on Signal Processing 53(2), 2005). Its magnitude is averaged over all
rows, and over the pictures of some minutes, as the pattern keeps its place while people move; the spectrum of that mean
has a peak at a frequency that tells the factor. Columns are treated alike. The edges of blocks of an earlier encoding,
JPEG's or a video's, repeat in the same way, at a frequency of their own once the picture was scaled.

Encoders leave patterns of their own at multiples of an eighth (blocks of 4 and 8 pixels), which are left out; factors
that fall there, 4/3 and 2 among them, cannot be told, nor can an earlier encoding at the same size, or a picture that
is too blurred or dark. Honest cameras do the same as programs: some enlarge in their firmware, and many deliver JPEG
pictures that the browser scales. What the encoder of a sitting leaves of the pattern: docs/accuracy.md, "Pictures that
a program puts in the camera's place".
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.planar import PlanarFrame
from proctor.domain.media import Frame
from proctor.domain.observations import PeopleObserved, ResamplingObserved
from proctor.domain.time import NS_PER_S, MediaTime

SECOND_DERIVATIVE: Final = np.array([[-1.0, 2.0, -1.0]], np.float32)
STRONGEST: Final = 8
"""Magnitudes are cut here, so that a few edges do not outweigh the rest."""
EVERY: Final = 30 * NS_PER_S
"""Between two pictures that are measured; what was found is told again meanwhile."""
KEPT: Final = 11 / 12
"""Weight of what was seen before."""
LEAST_PICTURES: Final = 6
LEAST_SIDE_PX: Final = 160
LEAST_LUMA: Final = 30.0
"""Mean of a picture, 0 to 255, below which it is too dark to tell."""
LEAST_DETAIL: Final = 0.6
"""Mean magnitude of the second derivative below which a picture is too blurred to tell."""
SMOOTHING_PX: Final = 4.0
"""Deviation of the Gaussian that what the picture shows is taken out with."""
FLOOR: Final = 0.05
"""Added before taking logarithms, so that rows without detail do not count for everything."""
LOWEST: Final = 0.12
"""Cycles a pixel, below which what the picture shows outweighs any pattern."""
GRID: Final = 8
GRID_WIDTH: Final = 0.008
"""Cycles a pixel either side of the multiples of 1/8 that belong to encoders."""
TRANSFORM_LENGTH: Final = 2048

Profile = NDArray[np.float64]


class ResamplingStream:
    """The mean second derivatives of the last minutes of one sitting's camera (18 kB); 1.4 ms every half a minute."""

    def __init__(self) -> None:
        self._along: list[Profile] = []
        self._pictures = 0
        self._due = 0
        self._found: tuple[float, float] | None = None

    def observe(self, frame: Frame, people: PeopleObserved | None) -> ResamplingObserved:
        """Take the next picture."""
        del people
        if frame.at >= self._due:
            self._due = frame.at + EVERY
            return self.observe_luma(frame.at, luma_of(frame))
        return self._told(frame.at)

    def observe_luma(self, at: MediaTime, luma: NDArray[np.uint8]) -> ResamplingObserved:
        """Measure the next picture, luma of shape (height, width), whenever it comes."""
        profiles = _profiles(luma)
        if profiles is None:
            self._found = None
            return self._told(at)
        if [len(profile) for profile in profiles] != [len(profile) for profile in self._along]:
            self._along, self._pictures = profiles, 0
        self._pictures += 1
        weight = max(1.0 - KEPT, 1.0 / self._pictures)
        self._along = [(1 - weight) * old + weight * new for old, new in zip(self._along, profiles, strict=True)]
        is_told = self._pictures >= LEAST_PICTURES
        self._found = max(strongest(profile) for profile in self._along) if is_told else None
        return self._told(at)

    def _told(self, at: MediaTime) -> ResamplingObserved:
        if self._found is None:
            return ResamplingObserved(at, peak=None, enlarged=0.0)
        peak, frequency = self._found
        return ResamplingObserved(at, peak=peak, enlarged=1.0 / (1.0 - frequency))


def luma_of(frame: Frame) -> NDArray[np.uint8]:
    """Luma of shape (height, width), the decoder's own where it is at hand."""
    if isinstance(frame, PlanarFrame):
        return frame.luma
    return np.asarray(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def strongest(profile: Profile) -> tuple[float, float]:
    """The strongest even pattern of a profile, in multiples of the median, and its frequency in cycles a pixel."""
    levels = np.log(profile + FLOOR)
    smooth = cv2.GaussianBlur(levels.reshape(1, -1), (0, 0), SMOOTHING_PX).reshape(-1)
    spectrum = np.abs(np.fft.rfft((levels - smooth) * np.hanning(len(levels)), TRANSFORM_LENGTH))
    frequencies = np.arange(len(spectrum)) / TRANSFORM_LENGTH
    judged = frequencies >= LOWEST
    off_grid = np.abs(frequencies - np.round(frequencies * GRID) / GRID) > GRID_WIDTH
    usual = float(np.median(spectrum[judged]))
    place = int(np.where(judged & off_grid, spectrum, 0.0).argmax())
    return float(spectrum[place]) / max(usual, 1e-9), float(frequencies[place])


def _profiles(luma: NDArray[np.uint8]) -> list[Profile] | None:
    """Profiles along the rows and along the columns; None where the picture shows too little."""
    if min(luma.shape) < LEAST_SIDE_PX or float(luma.mean()) < LEAST_LUMA:
        return None
    profiles = [_profile(luma), _profile(np.ascontiguousarray(luma.T))]
    return profiles if min(float(profile.mean()) for profile in profiles) >= LEAST_DETAIL else None


def _profile(luma: NDArray[np.uint8]) -> Profile:
    """Mean magnitude of the second derivative along the rows, by column; the edges' columns are left out."""
    second = cv2.filter2D(luma, cv2.CV_16S, SECOND_DERIVATIVE)
    magnitudes = np.minimum(cv2.convertScaleAbs(second), np.uint8(STRONGEST))
    mean = cv2.reduce(magnitudes, 0, cv2.REDUCE_AVG, dtype=cv2.CV_64F)
    return np.asarray(mean.reshape(-1)[1:-1], dtype=np.float64)
