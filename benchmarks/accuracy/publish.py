"""Writes what was measured: the report with its plots and figures, and the rates that are told with every signal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.accuracy.estimate import events_per_hour
from benchmarks.accuracy.report import as_markdown, draw_all
from benchmarks.accuracy.tables import Json
from proctor.domain.signals import ErrorRate, Measured, SignalKind
from proctor.pipeline.error_rates import write_error_rates

PICTURES = "pictures/accuracy"
"""Folder of the plots, beside the report."""
DATA = "staged sittings composed of real faces and sounds; honest film of seconds"
PHONE_DATA = "labelled photographs of telephones, each held for seconds"
WHISPER_DATA = "recordings of speech whose voice was replaced by noise; no real whisper"


def publish(result: Json, report: Path, *, keep: bool) -> Json:
    """Write the report, its plots, and beside it the figures as JSON; what was written.

    With `keep`, sections that were not measured now stay as they were measured before.
    """
    figures = report.with_suffix(".json")
    if keep and figures.is_file():
        result = merged(json.loads(figures.read_text(encoding="utf-8")), result)
    result["pictures"] = draw_all(result, report.parent / PICTURES)
    figures.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    rewrite(report)
    return result


def rewrite(report: Path) -> None:
    """Write the report anew from the figures beside it.

    Raises:
        OSError: there are none.
    """
    result = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))
    report.write_text(as_markdown(result, PICTURES), encoding="utf-8")


def merged(before: Json, now: Json) -> Json:
    """What is measured now, and of what was measured before the sections that are missing in it."""
    left_out = {key: why for key, why in before["left_out"].items() if key not in now}
    return {
        **before,
        **now,
        "left_out": {**left_out, **{key: why for key, why in now["left_out"].items() if key not in before}},
        "measured": {**before["measured"], **now["measured"]},
    }


def publish_rates(result: Json) -> None:
    """Write the error rates that the line tells with every signal, for the rules that staged sittings measured."""
    write_error_rates(error_rates(result))


def error_rates(result: Json) -> Iterator[ErrorRate]:
    """Rates of each rule that noticed, or should have noticed, something staged.

    The staged telephones are a few cut-outs without a hand: `phone` has the rates of whole photographs.
    """
    yield from _phone(result)
    yield from _whisper(result)
    pieces = [piece for piece in result["honest"]["pieces"] if piece["source"] == "film"]
    for kind, rule in result["staged"]["rules"].items():
        recall, precision = _measured(rule["recall"]), _measured(rule["precision"])
        false = sum(kind in names.split(", ") for piece in pieces for names in piece["false"])
        alarms = events_per_hour(false, sum(piece["footage_s"] for piece in pieces))
        # Without an event of its own a rule can only be wrong there: that says nothing of its precision.
        if recall is not None and kind != SignalKind.PHONE:
            yield ErrorRate(
                kind=SignalKind(kind),
                detector=rule["detector"],
                data=DATA,
                date=result["measured"]["staged"],
                cases=int(rule["recall"]["cases"]),
                recall=recall,
                precision=precision,
                false_alarms_per_h=_alarms(alarms) if pieces else None,
                honest_h=alarms["hours"] or 0.0,
            )


def _phone(result: Json) -> Iterator[ErrorRate]:
    rule = result["staged"]["rules"].get(SignalKind.PHONE.value)
    if rule is None or "objects" not in result:
        return
    vote = result["objects"]["after_vote"]
    recall = _measured(vote["recall"])
    if recall is not None:
        yield ErrorRate(
            kind=SignalKind.PHONE,
            detector=rule["detector"],
            data=PHONE_DATA,
            date=result["measured"]["objects"],
            cases=int(vote["recall"]["cases"]),
            recall=recall,
            precision=_measured(vote["precision"]),
            false_alarms_per_h=None,
            honest_h=0.0,
        )


def _whisper(result: Json) -> Iterator[ErrorRate]:
    told = result.get("whisper")
    recall = None if told is None else _measured(told["recall"])
    if told is not None and recall is not None:
        yield ErrorRate(
            kind=SignalKind.WHISPER,
            detector=told["detector"],
            data=WHISPER_DATA,
            date=result["measured"]["whisper"],
            cases=int(told["recall"]["cases"]),
            recall=recall,
            precision=_measured(told["precision"]),
            false_alarms_per_h=None,
            honest_h=0.0,
        )


def _alarms(rate: dict[str, float | None]) -> Measured:
    return Measured(rate["per_hour"] or 0.0, rate["low"] or 0.0, rate["high"] or 0.0)


def _measured(estimate: Json | None) -> Measured | None:
    """A share with its interval; None where the data supports none."""
    if estimate is None or estimate["share"] is None or estimate["interval_95"] is None:
        return None
    low, high = estimate["interval_95"]
    return Measured(estimate["share"], min(low, estimate["share"]), max(high, estimate["share"]))
