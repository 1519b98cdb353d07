"""Candidates per core: our media plane beside aiortc's MediaRecorder and aiortc's decode, and the whole server.

Every way gets the same candidates, who send what the candidate's page sends: VP8 in three temporal layers, camera
640x480 at 15 and screen 1280x720 at 5 pictures a second, Opus in packets of 60 ms. Each way's server is a process of
its own and is measured by its own CPU time; the candidates are in another process.

  ours           recorded as it comes; layer 0 of camera and screen decoded; two RGB pictures a second of the camera
  mediarecorder  aiortc's MediaRecorder: decoded and encoded again, a file a track
  decode         aiortc's decoding, every frame thrown away
  perception     analysis alone on an honest sitting: the adaptive schedule, and every model on every sampled picture
  whole_line     `proctor demo` under `proctor simulate`: recording, perception, rules, timeline; all its processes

Limits: one machine carries servers and candidates. Where a way keeps up with less than all frames, the machine was too
busy for it, and a candidate costs more than is shown.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.capacity import perception, whole_line
from benchmarks.capacity.clip import write_candidate
from benchmarks.capacity.media_plane import Cost, Load, measure

LOADS: Final = {"ours": Load(24, 4, 20), "mediarecorder": Load(1, 4, 20), "decode": Load(6, 4, 20)}
QUICK_LOADS: Final = {"ours": Load(12, 3, 8), "mediarecorder": Load(1, 3, 8), "decode": Load(3, 3, 8)}
COMPOSED: Final = "candidate.webm"
TARGET_RATIO: Final = 15.0
PERCEPTION_TARGET_MS: Final = 25.0
"""CPU of one core per candidate-second that the analysis of an honest sitting may take."""
PERCEPTION_S: Final = 60.0
QUICK_PERCEPTION_S: Final = 20.0


def main(arguments: list[str]) -> int:
    """Measure and print; 1 when a target is missed, which is then named, or when a part cannot be measured."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        media: Path = options.media or Path(folder) / COMPOSED
        if options.media is None:
            write_candidate(media)
        costs: list[Cost] = []
        line = None
        try:
            analysis = _perception(media, QUICK_PERCEPTION_S if options.quick else PERCEPTION_S)
            if not options.perception_only:
                costs = [measure(way, load, media) for way, load in (QUICK_LOADS if options.quick else LOADS).items()]
            if costs and not options.media_plane_only:
                number = options.candidates or (4 if options.quick else 10)
                line = whole_line.measure(number, 15 if options.quick else 45, media)
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            print(f"capacity: {error}", file=sys.stderr)
            return 1
    result = (_result(costs, line) if costs else {}) | {"perception_ms_per_candidate_s": analysis.as_json()}
    table = [_table(costs, line)] if costs else []
    print(json.dumps(result) if options.json else "\n".join([*table, _perception_row(analysis)]))
    missed = _missed(costs, analysis)
    for target in missed:
        print(f"capacity: missed: {target}", file=sys.stderr)
    return 1 if missed else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="capacity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer candidates for a shorter time")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--media", type=Path, help="what candidates send: a media file, or a recorded RTP trace (.bin)")
    parser.add_argument("--candidates", type=int, help="of the whole line (10, or 4 when quick)")
    parser.add_argument("--media-plane-only", action="store_true", help="leave the whole line out")
    parser.add_argument("--perception-only", action="store_true", help="only the analysis, in this process")
    return parser.parse_args(arguments)


def _missed(costs: list[Cost], analysis: perception.PerceptionCost) -> list[str]:
    """The targets that the figures do not reach."""
    missed = []
    if analysis.ours_ms > PERCEPTION_TARGET_MS:
        missed.append(f"perception takes {analysis.ours_ms:.1f} ms/s, more than {PERCEPTION_TARGET_MS:.0f}")
    if costs and _ratio(costs) < TARGET_RATIO:
        missed.append(f"ours carries {_ratio(costs):.1f} times as many as mediarecorder, not {TARGET_RATIO:.0f}")
    return missed


def _perception(media: Path, seconds: float) -> perception.PerceptionCost:
    """Of the given file where one was given and can be taken apart; of a composed honest sitting otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        honest = Path(folder) / "honest.webm"
        if media.name != COMPOSED and media.suffix not in perception.TRACES:
            return perception.measure(media, seconds)
        perception.write_honest(honest)
        return perception.measure(honest, seconds)


def _perception_row(analysis: perception.PerceptionCost) -> str:
    return (
        f"perception of an honest sitting: {analysis.ours_ms:.1f} ms/s (target {PERCEPTION_TARGET_MS:.0f});"
        f" every model on every sampled picture: {analysis.plain_ms:.1f} ms/s, {analysis.ratio:.1f} times as much;"
        f" beside faces, identity and speech: {', '.join(analysis.senses)}"
    )


def _ratio(costs: list[Cost]) -> float:
    per_core = {cost.way: cost.candidates_per_core for cost in costs}
    return per_core["ours"] / per_core["mediarecorder"]


def _result(costs: list[Cost], line: whole_line.Line | None) -> dict[str, object]:
    per_core: dict[str, float | None] = {cost.way: round(cost.candidates_per_core, 1) for cost in costs}
    per_core["whole_line"] = round(line.candidates_per_core, 1) if line else None
    ours = next(cost for cost in costs if cost.way == "ours")
    result: dict[str, object] = {
        "candidates_per_core": per_core,
        "server_cpu_ms_per_candidate_s": round((line or ours).cpu_ms_per_candidate_s, 1),
        "media_cpu_ms_per_candidate_s": {cost.way: round(cost.cpu_ms_per_candidate_s, 1) for cost in costs},
        "kept_up": {cost.way: round(cost.kept_up, 3) for cost in costs},
        "ours_to_mediarecorder": round(_ratio(costs), 1),
    }
    if line is not None:
        result["whole_line"] = {
            "candidates": line.candidates,
            "further_candidate_cpu_ms_per_s": round(line.marginal_cpu_ms, 1),
            "lag_p95_ms": line.lag_p95_ms,
            "sound_dropped": line.sound_dropped,
            "pictures_dropped": line.pictures_dropped,
            "rss_mb": round(line.rss_mb),
            "held": line.held,
        }
    return result


def _table(costs: list[Cost], line: whole_line.Line | None) -> str:
    rows = [f"{'way':14} {'candidates':>10} {'ms/s each':>10} {'per core':>9} {'kept up':>8}"]
    rows += [
        f"{cost.way:14} {cost.candidates:10} {cost.cpu_ms_per_candidate_s:10.1f}"
        f" {cost.candidates_per_core:9.1f} {cost.kept_up:8.1%}"
        for cost in costs
    ]
    if line is not None:
        rows.append(
            f"{'whole_line':14} {line.candidates:10} {line.cpu_ms_per_candidate_s:10.1f}"
            f" {line.candidates_per_core:9.1f} {'yes' if line.held else 'no':>8}"
        )
        lag = "none" if line.lag_p95_ms is None else f"{line.lag_p95_ms:.0f} ms"
        rows.append(
            f"  a further candidate {line.marginal_cpu_ms:.1f} ms/s; p95 lag {lag};"
            f" dropped: sound {line.sound_dropped}, pictures {line.pictures_dropped}; {line.rss_mb:.0f} MB"
        )
    rows.append(f"ours to mediarecorder: {_ratio(costs):.1f} (target {TARGET_RATIO:.0f})")
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
