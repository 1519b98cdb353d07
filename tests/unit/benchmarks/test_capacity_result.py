from __future__ import annotations

import json

from benchmarks.capacity.__main__ import PERCEPTION_TARGET_MS, _missed, _ratio, _result, _table
from benchmarks.capacity.media_plane import Cost
from benchmarks.capacity.perception import PerceptionCost
from benchmarks.capacity.whole_line import Line


def cost(way: str, cpu_ms: float) -> Cost:
    return Cost(way, 4, cpu_ms, packets_per_candidate_s=90, frames_per_candidate_s=36.7, kept_up=1.0)


COSTS = [cost("ours", 12.5), cost("mediarecorder", 250), cost("decode", 50)]
LINE = Line(
    candidates=10,
    cpu_ms_per_candidate_s=50,
    idle_cpu_ms_per_s=20,
    lag_p95_ms=400,
    sound_dropped=0,
    pictures_dropped=3,
    rss_mb=800,
)


def test_the_object_has_what_others_rely_on() -> None:
    result = json.loads(json.dumps(_result(COSTS, LINE)))
    assert result["candidates_per_core"] == {"ours": 80.0, "mediarecorder": 4.0, "decode": 20.0, "whole_line": 20.0}
    assert result["server_cpu_ms_per_candidate_s"] == 50
    assert result["whole_line"]["further_candidate_cpu_ms_per_s"] == 48
    assert result["whole_line"]["held"] is True


def test_without_the_whole_line_the_media_plane_stands_alone() -> None:
    result = _result(COSTS, None)
    assert result["candidates_per_core"]["whole_line"] is None  # type: ignore[index]
    assert result["server_cpu_ms_per_candidate_s"] == 12.5


def test_the_table_names_every_way_and_the_ratio() -> None:
    table = _table(COSTS, LINE)
    assert all(word in table for word in ("ours", "mediarecorder", "decode", "whole_line", "20.0 (target 15)"))
    assert _ratio(COSTS) == 20


def test_every_target_that_is_missed_is_named() -> None:
    enough, too_much = (PerceptionCost(PERCEPTION_TARGET_MS + by, 200, ()) for by in (-0.1, 0.1))
    slow = [cost("ours", 25), *COSTS[1:]]
    assert _missed(COSTS, enough) == []
    assert _missed([], enough) == []
    assert _missed(COSTS, too_much) == ["perception takes 25.1 ms/s, more than 25"]
    assert len(_missed(slow, too_much)) == 2
