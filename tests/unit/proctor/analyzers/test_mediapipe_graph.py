from __future__ import annotations

import numpy as np
import pytest

from proctor.analyzers.head_pose import _start_graph
from proctor.analyzers.mediapipe_graph import Graph


def test_a_graph_that_nobody_holds_any_more_is_closed() -> None:
    solution = _start_graph()
    graph = Graph(solution, "multi_face_landmarks")
    assert graph.landmarks(np.zeros((64, 64, 3), np.uint8)) is None
    del graph
    with pytest.raises(ValueError, match="already None"):
        solution.close()
