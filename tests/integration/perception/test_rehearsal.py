from __future__ import annotations

import subprocess
import sys
from typing import Final

MOST_MB: Final = 15.0
"""Without the rehearsal these looks took 45 MB here, and up to 95 in a worker, counted to its first sitting."""
FIRST_LOOKS: Final = """
import resource, sys
import numpy as np
from models.registry import InstalledModels
from proctor.analyzers.rehearsal import rehearse
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import MediaTime
from tests.media.portraits import astronaut

def resident_mb():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * resource.getpagesize() / 1e6

rgb = np.ascontiguousarray(astronaut()[:480, :480])
suite = AnalyzerSuite.load(InstalledModels())
rehearse(suite)
before = resident_mb()
for _ in range(3):
    frame = Frame(TrackKind.CAMERA, MediaTime(0), rgb.copy())
    people = suite.faces.observe(frame, thorough=True)
    enrolment = suite.identity.enrol(frame.rgb)
    suite.identity.observe(frame, people.faces[0], enrolment)
    suite.body.observe(frame, people)
    suite.objects.observe(frame)
    if suite.liveness is not None:
        suite.liveness.observe(frame, people)
print(resident_mb() - before)
"""


def test_no_sitting_pays_for_the_first_look_of_the_models() -> None:
    told = subprocess.run([sys.executable, "-c", FIRST_LOOKS], capture_output=True, text=True, check=True, timeout=120)

    assert float(told.stdout) <= MOST_MB
