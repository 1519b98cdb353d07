"""For each rule: a scenario that it notices, one that it rightly leaves alone, and the threshold that it names."""

from __future__ import annotations

from dataclasses import dataclass, field

from sitting_script import SittingScript

from proctor.domain.media import ClientEventKind as Kind
from proctor.domain.media import LinkState, TrackKind
from proctor.domain.signals import SignalKind


@dataclass(frozen=True)
class RuleCase:
    """Seconds are those of the scenario `noticed`."""

    noticed: SittingScript
    start_s: float
    end_s: float
    threshold_field: str
    left_alone: SittingScript
    other_threshold: float
    """A value of the field with which `noticed` is still noticed."""
    value: float
    """The measured value that the explanation states."""
    config: dict[str, object] = field(default_factory=dict)


def _focus(lost_s: float, gained_s: float) -> SittingScript:
    return SittingScript().ticks(30).event(lost_s, Kind.FOCUS_LOST).event(gained_s, Kind.FOCUS_GAINED)


CASES: dict[SignalKind, RuleCase] = {
    SignalKind.FACE_ABSENT: RuleCase(
        noticed=SittingScript().people(0, 5).people(5, 12, 0).people(12, 20).ticks(20),
        start_s=5,
        end_s=12,
        threshold_field="face_score",
        left_alone=SittingScript().people(0, 5).people(5, 7, 0).people(7, 20).ticks(20),
        other_threshold=0.4,
        value=0.0,
    ),
    SignalKind.MULTIPLE_FACES: RuleCase(
        noticed=SittingScript().people(0, 5).people(5, 10, 3).people(10, 20).ticks(20),
        start_s=5,
        end_s=10,
        threshold_field="people",
        left_alone=SittingScript().people(0, 5).people(5, 6, 2).people(6, 20).ticks(20),
        other_threshold=3,
        value=3.0,
    ),
    SignalKind.IDENTITY_MISMATCH: RuleCase(
        noticed=SittingScript()
        .identity((0, 0.8), (10, 0.1), (12, 0.2), (14, None), (16, 0.15), (26, 0.7), (36, 0.7))
        .ticks(40),
        start_s=10,
        end_s=26,
        threshold_field="similarity_alone",
        left_alone=SittingScript()
        .identity((0, 0.8), (10, 0.1), (12, 0.2), (14, None), (16, None), (18, None), (26, 0.7), (28, 0.1))
        .ticks(40),
        other_threshold=0.3,
        value=0.15,
    ),
    SignalKind.PRESENTATION_ATTACK: RuleCase(
        noticed=SittingScript()
        .liveness((0, 0.98), (10, 0.1), (12, 0.2), (14, None), (16, 0.15), (18, 0.12), (20, 0.3), (30, 0.9), (42, 0.9))
        .ticks(60),
        start_s=10,
        end_s=30,
        threshold_field="bona_fide",
        left_alone=SittingScript()
        .liveness((0, 0.98), (10, 0.1), (12, 0.2), (14, None), (16, 0.9), (18, 0.3), (20, None), (30, 0.9), (40, 0.7))
        .ticks(60),
        other_threshold=0.4,
        value=0.135,
    ),
    SignalKind.VIRTUAL_CAMERA: RuleCase(
        noticed=SittingScript().stream(0, 20, None).stream(20, 180, 0.95).stream(180, 220, 0.3).ticks(220),
        start_s=20,
        end_s=180,
        threshold_field="repeating",
        left_alone=SittingScript().stream(0, 20, None).stream(20, 135, 0.95).stream(135, 160, 0.6).ticks(220),
        other_threshold=0.9,
        value=0.95,
    ),
    SignalKind.HEAD_TURNED: RuleCase(
        noticed=SittingScript().people(0, 5).people(5, 10, yaw_deg=-50).people(10, 20).ticks(20),
        start_s=5,
        end_s=10,
        threshold_field="yaw_deg",
        left_alone=SittingScript().people(0, 5).people(5, 10, yaw_deg=30).people(10, 20, pitch_deg=-25).ticks(20),
        other_threshold=45,
        value=50.0,
    ),
    SignalKind.GAZE_AWAY: RuleCase(
        noticed=SittingScript().gaze(0, 10).gaze(10, 16, -25).gaze(16, 30).ticks(30),
        start_s=10,
        end_s=16,
        threshold_field="side_deg",
        left_alone=SittingScript()
        .gaze(0, 10)
        .gaze(10, 13, 40)
        .gaze(13, 20)
        .gaze(20, 30, 12)
        .gaze(30, 50, None)
        .ticks(50),
        other_threshold=20,
        value=25.0,
    ),
    SignalKind.BODY_ABSENT: RuleCase(
        noticed=SittingScript().people(0, 5).people(5, 15, 0).bodies(5, 15, 0).people(15, 20).ticks(20),
        start_s=5,
        end_s=15,
        threshold_field="body_score",
        left_alone=SittingScript().people(0, 5).people(5, 25, 0).bodies(5, 25).people(25, 30).ticks(30),
        other_threshold=0.3,
        value=0.0,
    ),
    SignalKind.LEFT_SEAT: RuleCase(
        noticed=SittingScript().face_at(0, 20).people(20, 30, 0).bodies(20, 30, head_x=620.0).face_at(30, 40).ticks(40),
        start_s=20,
        end_s=30,
        threshold_field="shift_widths",
        left_alone=SittingScript()
        .face_at(0, 20)
        .people(20, 35, 0)
        .bodies(20, 35, head_x=340.0)
        .face_at(35, 40)
        .ticks(40),
        other_threshold=2.0,
        value=2.5,
    ),
    SignalKind.LEANING: RuleCase(
        noticed=SittingScript().face_at(0, 20).face_at(20, 30, x=440.0).face_at(30, 40).ticks(40),
        start_s=20,
        end_s=30,
        threshold_field="shift_widths",
        left_alone=SittingScript().face_at(0, 20).face_at(20, 24, x=440.0).face_at(24, 40, x=300.0).ticks(40),
        other_threshold=1.2,
        value=1.5,
    ),
    SignalKind.SECOND_PERSON: RuleCase(
        noticed=SittingScript().bodies(0, 10, faces=1).bodies(10, 20, 2, faces=1).bodies(20, 30, faces=1).ticks(30),
        start_s=10,
        end_s=20,
        threshold_field="body_score",
        left_alone=SittingScript()
        .bodies(0, 10, 2, faces=2)
        .bodies(10, 12, 2, faces=1)
        .bodies(12, 20, faces=1)
        .ticks(20),
        other_threshold=0.8,
        value=0.9,
    ),
    SignalKind.SPEECH: RuleCase(
        noticed=SittingScript().sound(0, 10).sound(10, 16, level_dbfs=-30, speech=0.95).sound(16, 40).ticks(40),
        start_s=10,
        end_s=16,
        threshold_field="ratio",
        left_alone=SittingScript().sound(0, 10).sound(10, 12, level_dbfs=-30, speech=0.95).sound(12, 40).ticks(40),
        other_threshold=0.4,
        value=0.3,
    ),
    SignalKind.WHISPER: RuleCase(
        noticed=SittingScript()
        .sound(0, 10)
        .sound(10, 16, level_dbfs=-45, speech=0.9, voiced=0.1)
        .sound(16, 40)
        .ticks(40),
        start_s=10,
        end_s=16,
        threshold_field="voiced_share",
        left_alone=SittingScript()
        .sound(0, 10)
        .sound(10, 16, level_dbfs=-30, speech=0.9, voiced=0.7)
        .sound(16, 30)
        .sound(30, 32, level_dbfs=-45, speech=0.9, voiced=0.1)
        .sound(32, 50)
        .sound(50, 56, level_dbfs=-45, speech=0.9)
        .sound(56, 80)
        .ticks(80),
        other_threshold=0.2,
        value=0.1,
    ),
    SignalKind.NOISE: RuleCase(
        noticed=SittingScript().sound(0, 30).sound(30, 40, level_dbfs=-30).sound(40, 60).ticks(60),
        start_s=30,
        end_s=40,
        threshold_field="above_room_db",
        left_alone=SittingScript().sound(0, 30).sound(30, 33, level_dbfs=-10).sound(33, 60).ticks(60),
        other_threshold=22,
        value=25.0,
    ),
    SignalKind.SECOND_VOICE: RuleCase(
        noticed=SittingScript()
        .voice((0, None), (5, 0.9), (20, 0.4), (23, 0.85), (26, 0.5), (29, None), (32, 0.8), (36, 0.9), (41, 0.85))
        .ticks(60),
        start_s=20,
        end_s=32,
        threshold_field="similarity",
        left_alone=SittingScript()
        .voice((0, None), (5, 0.9), (20, 0.4), (23, 0.85), (26, None), (29, 0.8), (32, 0.9), (35, 0.7))
        .ticks(60),
        other_threshold=0.6,
        value=0.45,
    ),
    SignalKind.MICROPHONE_MUTED: RuleCase(
        noticed=SittingScript().sound(0, 10).sound(10, 40, level_dbfs=-100).sound(40, 50).ticks(50),
        start_s=10,
        end_s=40,
        threshold_field="silence_dbfs",
        left_alone=SittingScript()
        .sound(0, 10, level_dbfs=-84)
        .sound(10, 24, level_dbfs=-100)
        .sound(24, 60, level_dbfs=-80)
        .event(40, Kind.TRACK_MUTED, track="camera")
        .ticks(60),
        other_threshold=-95,
        value=-100.0,
    ),
    SignalKind.PHONE: RuleCase(
        noticed=SittingScript()
        .objects(0, 5, ("person", 0.9), ("remote", 0.9))
        .objects(5, 12, ("cell phone", 0.7))
        .objects(12, 30)
        .ticks(30),
        start_s=5,
        end_s=12,
        threshold_field="score",
        left_alone=SittingScript()
        .objects(0, 5)
        .objects(5, 7, ("cell phone", 0.9))
        .objects(7, 20, ("cell phone", 0.45))
        .objects(20, 30, ("cell phone", 0.9), size=12.0)
        .ticks(30),
        other_threshold=0.6,
        value=0.7,
    ),
    SignalKind.BOOK: RuleCase(
        noticed=SittingScript().objects(0, 5).objects(5, 12, ("book", 0.8)).objects(12, 30).ticks(30),
        start_s=5,
        end_s=12,
        threshold_field="score",
        left_alone=SittingScript().objects(0, 30, ("book", 0.9), ("book", 0.9), size=60.0).ticks(30),
        other_threshold=0.7,
        value=0.8,
    ),
    SignalKind.SECOND_SCREEN: RuleCase(
        noticed=SittingScript()
        .objects(0, 5, ("laptop", 0.9), bottom=480.0)
        .objects(5, 12, ("tv", 0.9), ("laptop", 0.8))
        .objects(12, 30)
        .ticks(30),
        start_s=5,
        end_s=12,
        threshold_field="camera_screens",
        left_alone=SittingScript()
        .objects(0, 30, ("laptop", 0.95), bottom=476.0)
        .objects(0.5, 30.5, ("laptop", 0.9), ("tv", 0.55), track=TrackKind.PHONE)
        .ticks(30),
        other_threshold=2,
        value=2.0,
    ),
    SignalKind.CAMERA_BLOCKED: RuleCase(
        noticed=SittingScript().picture(0, 5).picture(5, 12, deviation=1.0, detail=1.0).picture(12, 20).ticks(20),
        start_s=5,
        end_s=12,
        threshold_field="luma_deviation",
        left_alone=SittingScript().picture(0, 5).picture(5, 20, deviation=22.0, detail=6.0).ticks(20),
        other_threshold=5,
        value=1.0,
    ),
    SignalKind.CAMERA_FROZEN: RuleCase(
        noticed=SittingScript().picture(0, 5).picture(5, 15, change=0.0).picture(15, 20).ticks(20),
        start_s=5,
        end_s=15,
        threshold_field="change",
        left_alone=SittingScript().picture(0, 5).picture(5, 20, change=0.01).ticks(20),
        other_threshold=0.5,
        value=0.0,
    ),
    SignalKind.MULTIPLE_DISPLAYS: RuleCase(
        noticed=SittingScript()
        .ticks(30)
        .event(5, Kind.DISPLAYS_CHANGED, extended=True)
        .event(15, Kind.DISPLAYS_CHANGED, extended=False),
        start_s=5,
        end_s=15,
        threshold_field="dwell_s",
        left_alone=SittingScript()
        .ticks(30)
        .event(5, Kind.DISPLAYS_CHANGED, extended=False)
        .event(10, Kind.DISPLAYS_CHANGED, extended=True)
        .event(11, Kind.DISPLAYS_CHANGED, extended=False)
        .event(20, Kind.DISPLAYS_CHANGED),
        other_threshold=3.0,
        value=10.0,
    ),
    SignalKind.SCREEN_SHARE_STOPPED: RuleCase(
        noticed=SittingScript().ticks(30).event(5, Kind.SCREEN_SHARE_STOPPED).event(15, Kind.SCREEN_SHARE_STARTED),
        start_s=5,
        end_s=15,
        threshold_field="dwell_s",
        left_alone=SittingScript().ticks(30).event(5, Kind.TRACK_ENDED, track="microphone"),
        other_threshold=4,
        value=10.0,
    ),
    SignalKind.FOCUS_LOST: RuleCase(
        noticed=_focus(5, 9),
        start_s=5,
        end_s=9,
        threshold_field="dwell_s",
        left_alone=_focus(5, 5.75),
        other_threshold=3,
        value=4.0,
    ),
    SignalKind.FULLSCREEN_LEFT: RuleCase(
        noticed=SittingScript().ticks(30).event(5, Kind.FULLSCREEN_LEFT).event(15, Kind.FULLSCREEN_ENTERED),
        start_s=5,
        end_s=15,
        threshold_field="dwell_s",
        left_alone=SittingScript().ticks(30).event(5, Kind.FULLSCREEN_LEFT).event(6, Kind.FULLSCREEN_ENTERED),
        other_threshold=6,
        value=10.0,
    ),
    SignalKind.CLIPBOARD: RuleCase(
        noticed=SittingScript()
        .ticks(60)
        .event(5, Kind.CLIPBOARD_COPY)
        .event(8, Kind.CLIPBOARD_PASTE)
        .event(12, Kind.CLIPBOARD_PASTE),
        start_s=5,
        end_s=12,
        threshold_field="actions",
        left_alone=SittingScript().ticks(60).event(5, Kind.FOCUS_LOST).event(8, Kind.FOCUS_GAINED),
        other_threshold=3,
        value=3.0,
    ),
    SignalKind.CONNECTION_LOST: RuleCase(
        noticed=SittingScript().ticks(40).link(5, LinkState.LOST).link(20, LinkState.RESTORED),
        start_s=5,
        end_s=20,
        threshold_field="dwell_s",
        left_alone=SittingScript().ticks(40).link(5, LinkState.LOST).link(6, LinkState.RESTORED),
        other_threshold=10,
        value=15.0,
    ),
    SignalKind.IDENTITY_DOCUMENT: RuleCase(
        noticed=SittingScript().document(0.2).ticks(60),
        start_s=0,
        end_s=0,
        threshold_field="portrait_similarity",
        left_alone=SittingScript().document(0.5).ticks(60),
        other_threshold=0.3,
        value=0.2,
    ),
    SignalKind.ROOM_SCAN_INCOMPLETE: RuleCase(
        noticed=SittingScript()
        .room_scan(5, 15, 200.0, is_complete=False)
        .room_scan(20, 40, 360.0, is_complete=True)
        .ticks(60),
        start_s=15,
        end_s=40,
        threshold_field="coverage_deg",
        left_alone=SittingScript().room_scan(5, 25, 352.5, is_complete=True).ticks(60),
        other_threshold=330.0,
        value=200.0,
    ),
}
