"""JSON Lines of `proctor analyze`: one object a line, times in seconds of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from proctor.domain.incidents import Incident
from proctor.domain.observations import (
    Body,
    BodyObserved,
    Box,
    Face,
    IdentityObserved,
    LivenessObserved,
    ObjectSeen,
    ObjectsObserved,
    Observation,
    PeopleObserved,
    ResamplingObserved,
    SoundObserved,
    VoiceObserved,
)
from proctor.domain.signals import Signal
from proctor.domain.time import MediaTime, to_s
from proctor.pipeline.outputs import DetectorFailed

Line = dict[str, Any]


def observation_line(file: str, observation: Observation) -> Line | None:
    """What was measured at one instant; None for what no model and no microphone measured."""
    written = _OBSERVATIONS.get(type(observation))
    if written is None:
        return None
    kind, values = written
    return {"type": "observation", "kind": kind, "file": file, "t_s": _seconds(observation.at), **values(observation)}


def signal_line(file: str, signal: Signal) -> Line:
    """A signal that has closed."""
    text, rate = signal.why.text, signal.why.error_rate
    return {
        "type": "signal",
        "kind": signal.kind.value,
        "file": file,
        "start_s": _seconds(signal.start),
        "end_s": None if signal.end is None else _seconds(signal.end),
        "confidence": round(signal.confidence, 4),
        "why": {"en": text.en, "kk": text.kk, "ru": text.ru},
        "error_rate": None if rate is None else {"en": rate.text.en, "kk": rate.text.kk, "ru": rate.text.ru},
    }


def incident_line(file: str, incident: Incident) -> Line:
    """An incident that has closed."""
    return {
        "type": "incident",
        "kinds": [kind.value for kind in incident.kinds],
        "file": file,
        "start_s": _seconds(incident.start),
        "end_s": None if incident.end is None else _seconds(incident.end),
        "severity": incident.severity.value,
    }


def failure_line(file: str, failed: DetectorFailed) -> Line:
    """A rule or an analyzer that failed and was left out from then on."""
    return {
        "type": "detector_failed",
        "file": file,
        "t_s": _seconds(failed.at),
        "name": failed.name,
        "reason": failed.reason,
    }


def summary_line(file: str, end: MediaTime, frames_analyzed: int, incidents: int) -> Line:
    """The last line of each file."""
    return {
        "type": "summary",
        "file": file,
        "duration_s": _seconds(end),
        "frames_analyzed": frames_analyzed,
        "incidents": incidents,
    }


def _face(face: Face) -> Line:
    pose = face.pose
    return {
        "box": _box(face.box),
        "score": round(face.score, 4),
        "yaw_deg": None if pose is None else round(pose.yaw_deg, 1),
        "pitch_deg": None if pose is None else round(pose.pitch_deg, 1),
        "roll_deg": None if pose is None else round(pose.roll_deg, 1),
        "gaze": face.gaze.value,
    }


def _object(seen: ObjectSeen) -> Line:
    return {"label": seen.label, "score": round(seen.score, 4), "box": _box(seen.box)}


def _body(body: Body) -> Line:
    return {
        "box": _box(body.box),
        "score": round(body.score, 4),
        "shoulders": [_point(body.right_shoulder), _point(body.left_shoulder)],
        "lean_deg": _rounded(body.lean_deg, 1),
        "hands_near_face": body.hands_near_face,
    }


def _box(box: Box) -> list[float]:
    return [round(value, 1) for value in box]


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def _point(point: tuple[float, float] | None) -> list[float] | None:
    return None if point is None else [round(value, 1) for value in point]


def _seconds(at: MediaTime) -> float:
    return round(to_s(at), 3)


def _sound(heard: SoundObserved) -> Line:
    return {
        "dbfs": round(heard.level_dbfs, 2),
        "lufs": _rounded(heard.lufs, 2),
        "speech": round(heard.speech_probability, 4),
    }


def _voice(heard: VoiceObserved) -> Line:
    return {
        "duration_s": round(heard.duration_ms / 1000, 3),
        "similarity": _rounded(heard.similarity, 4),
        "voices": heard.voices,
    }


_OBSERVATIONS: Final[Mapping[type, tuple[str, Callable[[Any], Line]]]] = {
    PeopleObserved: ("people", lambda seen: {"people": seen.people, "faces": [_face(face) for face in seen.faces]}),
    ObjectsObserved: ("objects", lambda seen: {"objects": [_object(each) for each in seen.objects]}),
    BodyObserved: ("body", lambda seen: {"bodies": [_body(body) for body in seen.bodies]}),
    IdentityObserved: ("identity", lambda seen: {"similarity": _rounded(seen.similarity, 4)}),
    LivenessObserved: ("liveness", lambda seen: {"bona_fide": _rounded(seen.bona_fide, 4)}),
    ResamplingObserved: (
        "resampling",
        lambda seen: {"peak": _rounded(seen.peak, 2), "enlarged": round(seen.enlarged, 3)},
    ),
    SoundObserved: ("sound", _sound),
    VoiceObserved: ("voice", _voice),
}
"""Kind and values of the observations that are written."""
