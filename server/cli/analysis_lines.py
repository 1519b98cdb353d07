"""JSON Lines of `proctor analyze`: one object a line, times in seconds of the file."""

from __future__ import annotations

from typing import Any

from proctor.domain.incidents import Incident
from proctor.domain.observations import Face, Observation, PeopleObserved, SoundObserved, VoiceObserved
from proctor.domain.signals import Signal
from proctor.domain.time import MediaTime, to_s
from proctor.pipeline.outputs import DetectorFailed

Line = dict[str, Any]


def observation_line(file: str, observation: Observation) -> Line | None:
    """People, sound and voices; None for other observations."""
    if isinstance(observation, PeopleObserved):
        return {
            "type": "observation",
            "kind": "people",
            "file": file,
            "t_s": _seconds(observation.at),
            "people": observation.people,
            "faces": [_face(face) for face in observation.faces],
        }
    if isinstance(observation, SoundObserved):
        return {
            "type": "observation",
            "kind": "sound",
            "file": file,
            "t_s": _seconds(observation.at),
            "dbfs": round(observation.level_dbfs, 2),
            "speech": round(observation.speech_probability, 4),
        }
    if isinstance(observation, VoiceObserved):
        return {
            "type": "observation",
            "kind": "voice",
            "file": file,
            "t_s": _seconds(observation.at),
            "duration_s": round(observation.duration_ms / 1000, 3),
            "similarity": None if observation.similarity is None else round(observation.similarity, 4),
            "voices": observation.voices,
        }
    return None


def signal_line(file: str, signal: Signal) -> Line:
    """A signal that has closed."""
    text = signal.why.text
    return {
        "type": "signal",
        "kind": signal.kind.value,
        "file": file,
        "start_s": _seconds(signal.start),
        "end_s": None if signal.end is None else _seconds(signal.end),
        "confidence": round(signal.confidence, 4),
        "why": {"en": text.en, "kk": text.kk, "ru": text.ru},
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
        "box": [round(value, 1) for value in face.box],
        "score": round(face.score, 4),
        "yaw_deg": None if pose is None else round(pose.yaw_deg, 1),
        "pitch_deg": None if pose is None else round(pose.pitch_deg, 1),
        "roll_deg": None if pose is None else round(pose.roll_deg, 1),
        "gaze": face.gaze.value,
    }


def _seconds(at: MediaTime) -> float:
    return round(to_s(at), 3)
