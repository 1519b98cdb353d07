"""What the rule about identity documents gives as its one reason."""

from __future__ import annotations

import pytest
from sitting_script import SittingScript, run

from proctor.detectors.registry import discover
from proctor.domain.documents import PortraitReading, ZoneReading
from proctor.domain.signals import Crossing, SignalKind

RULE = discover()[SignalKind.IDENTITY_DOCUMENT]


def crossings(script: SittingScript) -> list[Crossing]:
    detector = RULE(RULE.config_type.model_validate({}))
    signals = run(detector, script.observations(), script.end)
    return [signal.why.crossing for signal in signals if signal.end is not None]


@pytest.mark.parametrize(
    ("script", "measure", "value", "required"),
    [
        (SittingScript().document(0.2), "portrait_similarity", 0.2, 0.45),
        (SittingScript().document(0.2, zone=ZoneReading.MISSING), "portrait_similarity", 0.2, 0.45),
        (SittingScript().document(0.6, agreeing=3, zone=ZoneReading.DOUBTFUL), "agreeing_check_digits", 3, 5),
        (SittingScript().document(0.6, zone=ZoneReading.MISSING), "machine_readable_zones", 0, 1),
        (SittingScript().document(None, portrait=PortraitReading.MISSING), "comparable_portraits", 0, 1),
        (SittingScript().document(None, portrait=PortraitReading.UNUSABLE), "comparable_portraits", 0, 1),
        (SittingScript().document(None, zone=ZoneReading.MISSING, shown=False), "documents_shown", 0, 1),
    ],
)
def test_the_gravest_reason_is_the_one_that_is_told(
    script: SittingScript, measure: str, value: float, required: float
) -> None:
    (crossing,) = crossings(script)
    assert (crossing.measure, crossing.value, crossing.threshold) == (measure, value, required)


@pytest.mark.parametrize(
    "script",
    [
        SittingScript().document(0.6),
        SittingScript().document(None, portrait=PortraitReading.NOT_ENROLLED),
        SittingScript().ticks(10),
    ],
)
def test_a_document_in_order_or_none_asked_for_is_left_alone(script: SittingScript) -> None:
    assert crossings(script) == []
