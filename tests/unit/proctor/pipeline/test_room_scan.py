from __future__ import annotations

import numpy as np

from proctor.detectors.rules.room_scan_incomplete import RoomScanIncomplete, RoomScanIncompleteConfig
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import media_time_from_s
from proctor.pipeline.room_scan import observed
from proctor.roomscan.scan import MODEL, RoomScan
from tests.media.rooms import Camera, Room


def test_a_recording_without_a_turn_reaches_the_rule_and_is_noticed() -> None:
    still = Room().seen(Camera(), 45.0, 0.0, np.random.default_rng(1))
    scan = RoomScan()
    for number in range(4):
        scan.add(Frame(TrackKind.PHONE, media_time_from_s(7 + number), still))
    seen = observed(scan.finish(), TrackKind.PHONE)
    assert (seen.track, seen.since, seen.at) == (TrackKind.PHONE, media_time_from_s(7), media_time_from_s(10))
    assert (seen.coverage_deg, seen.is_complete, seen.model) == (0.0, False, MODEL)
    (signal,) = RoomScanIncomplete(RoomScanIncompleteConfig()).update(seen)
    assert signal.start == media_time_from_s(10)
    assert signal.why.model == MODEL
    assert signal.confidence == 1.0
