"""Signals, incidents and summaries as timeline payloads: the JSON form of the dataclasses, times as integer *_ms."""

from __future__ import annotations

from dataclasses import asdict

from proctor.domain.incidents import Incident
from proctor.domain.signals import PublishedRate, Signal
from proctor.domain.time import MediaTime, to_ms
from proctor.domain.timeline import JsonValue


def signal_payload(signal: Signal) -> dict[str, JsonValue]:
    """A signal in its present state."""
    why = signal.why
    return {
        "signal_id": signal.signal_id,
        "kind": signal.kind.value,
        "detector": signal.detector,
        "start_ms": to_ms(signal.start),
        "noticed_ms": to_ms(signal.noticed),
        "end_ms": end_ms(signal.end),
        "confidence": signal.confidence,
        "why": {
            "text": {"kk": why.text.kk, "ru": why.text.ru, "en": why.text.en},
            "crossing": asdict(why.crossing),
            "model": why.model,
            "error_rate": None if why.error_rate is None else _error_rate(why.error_rate),
        },
    }


def _error_rate(published: PublishedRate) -> dict[str, JsonValue]:
    text = published.text
    figures = None if published.rate is None else asdict(published.rate)
    return {"text": {"kk": text.kk, "ru": text.ru, "en": text.en}, "figures": figures}


def incident_payload(incident: Incident) -> dict[str, JsonValue]:
    """An incident in its present state, with its signals."""
    return {
        "incident_id": incident.incident_id,
        "start_ms": to_ms(incident.start),
        "end_ms": end_ms(incident.end),
        "severity": incident.severity.value,
        "folded": incident.folded,
        "kinds": [kind.value for kind in incident.kinds],
        "signals": [signal_payload(signal) for signal in incident.signals],
    }


def end_ms(end: MediaTime | None) -> int | None:
    """Milliseconds of an end that may not have come yet."""
    return None if end is None else to_ms(end)
