"""`python3 run.py bench accuracy`: every sense on labelled data, staged and honest sittings, beside their baselines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.accuracy.cost import measure_cost
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.publish import publish, publish_rates, rewrite
from benchmarks.accuracy.report import as_markdown
from benchmarks.accuracy.sections import SECTIONS
from benchmarks.accuracy.tables import Json
from models.registry import InstalledModels
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.errors import ProctorError

BAD_INPUT = 2
QUICK_EVERY = 3
ROOT = Path(__file__).resolve().parents[2]
BESIDE_THE_CHECKOUT = ROOT.parent / "shared" / "data"
REPORT = ROOT / "docs" / "accuracy.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when done, 2 when the data or a model is missing."""
    options = _options(arguments)
    if options.rewrite:
        rewrite(REPORT)
        return 0
    unknown = set(options.only) - {section.key for section in SECTIONS}
    if unknown:
        return _complain(f"there is no section {', '.join(sorted(unknown))}")
    if options.data is not None and not any((options.data / str(section.labels)).is_file() for section in SECTIONS):
        return _complain(f"no labelled data in {options.data}; its layout is described in docs/accuracy.md")
    try:
        installed = InstalledModels(options.models)
        suite = AnalyzerSuite.load(installed)
    except ProctorError as error:
        return _complain(str(error))
    result = measure(_data(options, installed), suite, options.only)
    result["models"] = [f"{entry.name}@{entry.version}" for entry in installed.manifest.values()]
    result["models"] += [f"{name}@{installed.version(name)}" for name in installed.optional if installed.has(name)]
    print(json.dumps(result) if options.json else as_markdown(result))
    if options.write is not None:
        whole = publish(result, options.write, keep=bool(options.only))
        if options.write == REPORT and not options.quick and {"staged", "honest"} <= set(whole):
            publish_rates(whole)
    return 0


def measure(data: LabelledData | None, suite: AnalyzerSuite, only: Sequence[str] = ()) -> Json:
    """Results of every section that can be measured, by its key; `left_out` says why others are missing."""
    result: Json = {
        "data": {
            "name": "no labelled data" if data is None else "the labelled development set (data/README.md there)",
            "quick": data is not None and data.every > 1,
        },
        "models": [],
        "left_out": {},
        "measured": {},
    }
    for section in SECTIONS:
        if only and section.key not in only:
            continue
        if not section.can_measure(data):
            result["left_out"][section.key] = f"no {section.labels}"
            continue
        sys.stderr.write(f"accuracy: {section.title.lower()}\n")
        try:
            result[section.key] = section.measure(data, suite)
        except FileNotFoundError as error:
            result["left_out"][section.key] = f"no {error.filename}"
            continue
        result["measured"][section.key] = datetime.now(tz=UTC).date().isoformat()
    result["cost_ms"] = measure_cost(suite)
    return result


def _data(options: argparse.Namespace, models: InstalledModels) -> LabelledData | None:
    every = QUICK_EVERY if options.quick else 1
    if options.data is not None:
        return LabelledData(options.data, every, models)
    return LabelledData(BESIDE_THE_CHECKOUT, every, models) if BESIDE_THE_CHECKOUT.is_dir() else None


def _complain(message: str) -> int:
    sys.stderr.write(f"accuracy: {message}\n")
    return BAD_INPUT


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench accuracy", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every third item only, and fewer sittings")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument(
        "--data", type=Path, help="folder of labelled data; without it the one beside the checkout, or none at all"
    )
    parser.add_argument("--models", type=Path, help="folder of the installed models; the usual one without it")
    parser.add_argument("--only", nargs="+", default=[], metavar="SECTION", help="only these sections")
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=REPORT,
        help="also write the report, its plots and its figures; without a name the project's own, and the rates that "
        "are told with every signal",
    )
    parser.add_argument("--rewrite", action="store_true", help="only write the report anew from the figures beside it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
