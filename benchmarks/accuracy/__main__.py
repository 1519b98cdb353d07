"""`python3 run.py bench accuracy`: every sense on the labelled data, beside its baseline."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy.cost import measure_cost
from benchmarks.accuracy.events import measure_events
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.people import measure_people
from benchmarks.accuracy.report import as_markdown
from benchmarks.accuracy.speech import measure_speech
from benchmarks.accuracy.verification import measure_verification
from models.registry import InstalledModels
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.errors import ProctorError

BAD_INPUT = 2
QUICK_EVERY = 3
BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "data"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when done, 2 when the data or a model is missing."""
    options = _options(arguments)
    if not (options.data / "multi_face" / "labels.csv").is_file():
        sys.stderr.write(f"accuracy: no labelled data in {options.data}; name its folder with --data\n")
        return BAD_INPUT
    try:
        installed = InstalledModels()
        suite = AnalyzerSuite.load(installed)
    except ProctorError as error:
        sys.stderr.write(f"accuracy: {error}\n")
        return BAD_INPUT
    data = LabelledData(options.data, every=QUICK_EVERY if options.quick else 1)
    result = {
        "data": {"name": "the labelled development set (data/README.md there)", "quick": options.quick},
        "models": [f"{entry.name}@{entry.version}" for entry in installed.manifest.values()],
        "people": measure_people(data, suite.faces),
        "verification": measure_verification(data, suite.identity),
        "speech": measure_speech(data, suite.speech),
        "events": measure_events(data, suite.faces),
        "cost_ms": measure_cost(data, suite),
    }
    print(json.dumps(result) if options.json else as_markdown(result))
    if options.write is not None:
        options.write.write_text(as_markdown(result), encoding="utf-8")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench accuracy", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every third item only")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--data", type=Path, default=BESIDE_THE_CHECKOUT, help="folder of the labelled data")
    parser.add_argument("--write", type=Path, help="also write the report to this Markdown file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
