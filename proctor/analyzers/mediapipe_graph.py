"""What mediapipe's graphs have in common: noise that nothing switches off, and a start that costs a second."""

from __future__ import annotations

import contextlib
import os
import warnings
import weakref
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drop what mediapipe's C++ parts write to stderr when they start and find something first; it has no switch.

    Python's own errors travel as exceptions and are not touched.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class Graph:
    """A running mediapipe solution in static mode, to be shared: it keeps nothing from picture to picture.

    Its memory and threads are given back with the last reference to it; at the end of the process the system does that.
    """

    def __init__(self, solution: Any, landmarks: str) -> None:  # noqa: ANN401 - mediapipe publishes no types
        self._solution = solution
        self._landmarks = landmarks
        self._warmed_up = False
        # A solution that is not closed stays in memory: 115 MB for bodies, 28 MB for a face's mesh.
        weakref.finalize(self, solution.close).atexit = False

    def landmarks(self, rgb: Any) -> Any:  # noqa: ANN401 - mediapipe publishes no types
        """What is found in a picture of shape (height, width, 3); None or empty where there is nothing."""
        with warnings.catch_warnings(), contextlib.nullcontext() if self._warmed_up else quiet():
            warnings.simplefilter("ignore")  # protobuf warns about a call inside mediapipe
            found = getattr(self._solution.process(rgb), self._landmarks)
        self._warmed_up = self._warmed_up or bool(found)
        return found
