"""Whole sittings, written by hand: what all rules and the correlation make of them together."""

from __future__ import annotations

from dataclasses import dataclass, field

from sitting_script import SittingScript

from proctor.analyzers.identity import FUSED_THRESHOLD, IDENTITY_THRESHOLD
from proctor.correlation.incidents import Correlator, IncidentChange
from proctor.detectors.registry import discover
from proctor.detectors.rules.identity_mismatch import IdentityMismatchConfig
from proctor.domain.incidents import Incident
from proctor.domain.media import ClientEventKind as Kind
from proctor.domain.media import LinkState
from proctor.domain.observations import Tick
from proctor.domain.signals import Severity, Signal, SignalKind
from proctor.domain.time import to_s
from proctor.pipeline.policy import default_policy

REGISTRY = discover()
POLICY = default_policy(REGISTRY)


@dataclass
class Outcome:
    signals: list[Signal] = field(default_factory=list)
    incidents: dict[str, Incident] = field(default_factory=dict)

    def spans(self) -> set[tuple[str, float, float]]:
        """Kind, start and end in seconds of every signal."""
        return {(str(each.kind), to_s(each.start), to_s(each.end)) for each in self.signals if each.end is not None}


def play(script: SittingScript) -> Outcome:
    outcome = Outcome()
    rules = REGISTRY.build(POLICY.detectors)
    correlator = Correlator(POLICY.correlation, POLICY.severities)
    for observation in script.observations():
        for rule in rules:
            if isinstance(observation, rule.consumes):
                _take(outcome, correlator, list(rule.update(observation)))
        if isinstance(observation, Tick):
            correlator.advance(observation.at)
    for rule in rules:
        _take(outcome, correlator, list(rule.finish(script.end)))
    for update in correlator.finish(script.end):
        assert update.change is IncidentChange.CLOSED
    assert {signal.signal_id for signal in outcome.signals if signal.end is None} == {
        signal.signal_id for signal in outcome.signals if signal.end is not None
    }
    return outcome


def _take(outcome: Outcome, correlator: Correlator, signals: list[Signal]) -> None:
    for signal in signals:
        outcome.signals.append(signal)
        for update in correlator.update(signal):
            outcome.incidents[update.incident.incident_id] = update.incident


def calm(end_s: float) -> SittingScript:
    """A candidate at work: small movements, a quiet room, an identity check now and then."""
    script = SittingScript().picture(0, end_s).sound(0, end_s).ticks(end_s)
    return script.identity(*((at, 0.75) for at in range(2, int(end_s), 10)))


def test_an_ordinary_sitting_is_left_alone() -> None:
    script = calm(300).people(0, 40).people(40, 42, yaw_deg=45).people(42, 44, 0).people(44, 120)
    script.people(120, 150, pitch_deg=-28, yaw_deg=10).people(150, 300)
    script.event(60, Kind.FOCUS_LOST).event(60.5, Kind.FOCUS_GAINED)
    assert play(script).signals == []


def test_the_candidate_turns_away_and_leaves_it_is_one_incident() -> None:
    script = calm(120).people(0, 30).people(30, 35, yaw_deg=50).people(35, 50, 0).people(50, 120)
    outcome = play(script)
    assert outcome.spans() == {("head_turned", 30.0, 34.5), ("face_absent", 35.0, 50.0)}
    (incident,) = outcome.incidents.values()
    assert incident.kinds == (SignalKind.HEAD_TURNED, SignalKind.FACE_ABSENT)
    assert incident.severity is Severity.MEDIUM
    assert (to_s(incident.start), incident.end and to_s(incident.end)) == (30.0, 50.0)


def test_a_cut_connection_is_noted_and_nothing_is_assumed_meanwhile() -> None:
    script = SittingScript().ticks(120).people(0, 30, 0).picture(0, 30).sound(0, 30)
    script.link(30, LinkState.LOST).link(60, LinkState.RESTORED)
    script.people(60, 120).picture(60, 120).sound(60, 120)
    outcome = play(script)
    assert outcome.spans() == {("face_absent", 0.0, 29.5), ("connection_lost", 30.0, 60.0)}
    assert {incident.severity for incident in outcome.incidents.values()} == {Severity.MEDIUM, Severity.LOW}


def test_someone_comes_in_and_talks() -> None:
    script = SittingScript().ticks(90).picture(0, 90).people(0, 30).people(30, 50, 2).people(50, 90)
    script.sound(0, 32).sound(32, 45, level_dbfs=-28, speech=0.97).sound(45, 90)
    outcome = play(script)
    assert outcome.spans() == {("multiple_faces", 30.0, 50.0), ("speech", 32.0, 45.0)}
    severities = {incident.kinds: incident.severity for incident in outcome.incidents.values()}
    assert severities == {(SignalKind.MULTIPLE_FACES,): Severity.HIGH, (SignalKind.SPEECH,): Severity.MEDIUM}


def test_a_reload_of_the_page_does_not_leave_a_state_hanging() -> None:
    script = calm(90).people(0, 90).event(20, Kind.FOCUS_LOST).event(25, Kind.FULLSCREEN_LEFT)
    script.event(30, Kind.PAGE_CLOSING).event(33, Kind.FOCUS_GAINED).event(33, Kind.FULLSCREEN_ENTERED)
    outcome = play(script)
    assert outcome.spans() == {("focus_lost", 20.0, 30.0), ("fullscreen_left", 25.0, 30.0)}
    (incident,) = outcome.incidents.values()
    assert incident.severity is Severity.MEDIUM


def test_the_page_must_be_both_visible_and_in_focus_again() -> None:
    script = calm(60).people(0, 60).event(10, Kind.FOCUS_LOST).event(10, Kind.TAB_HIDDEN)
    script.event(15, Kind.TAB_VISIBLE).event(20, Kind.FOCUS_GAINED)
    assert play(script).spans() == {("focus_lost", 10.0, 20.0)}


def test_a_camera_that_stopped_is_noticed_without_pictures_until_they_come_again() -> None:
    script = SittingScript().sound(0, 60).people(0, 20).picture(0, 20)
    script.event(20, Kind.TRACK_ENDED, track="camera").people(40, 60).picture(40, 60).ticks(60)
    outcome = play(script)
    assert outcome.spans() == {("camera_blocked", 20.0, 40.0)}
    why = outcome.signals[-1].why
    assert (why.crossing.measure, why.crossing.value, why.crossing.threshold) == ("stopped_s", 20.0, 3.0)
    assert "had stopped for 20" in why.text.en


def test_a_microphone_that_stopped_says_nothing_of_the_camera() -> None:
    script = calm(60).people(0, 60).event(20, Kind.TRACK_ENDED, track="microphone")
    assert play(script).signals == []


def test_a_covered_lens_is_one_incident_of_what_it_shows_and_hides() -> None:
    script = SittingScript().ticks(60).sound(0, 60).people(0, 20).people(20, 40, 0).people(40, 60)
    script.picture(0, 20).picture(20, 40, deviation=19.0, detail=1.2, change=0.4).picture(40, 60)
    outcome = play(script)
    assert outcome.spans() == {("camera_blocked", 20.0, 40.0), ("face_absent", 20.0, 40.0)}
    assert len(outcome.incidents) == 1
    (blocked,) = [each for each in outcome.signals if each.kind is SignalKind.CAMERA_BLOCKED and each.end is not None]
    assert blocked.why.crossing.measure == "detail"


def test_where_both_models_looked_their_mean_decides() -> None:
    checks = [(at, 0.3) for at in range(10, 60, 2)]
    assert play(SittingScript().ticks(60).people(0, 60).identity(*checks, second_opinion=0.62)).signals == []
    outcome = play(SittingScript().ticks(60).people(0, 60).identity(*checks, second_opinion=0.5))
    assert outcome.spans() == {("identity_mismatch", 10.0, 59.5)}
    crossing = outcome.signals[0].why.crossing
    assert (crossing.measure, crossing.value, crossing.threshold) == ("mean_similarity", 0.4, 0.45)


def test_the_default_thresholds_of_identity_are_the_measured_ones() -> None:
    config = IdentityMismatchConfig()
    assert (config.similarity, config.similarity_alone) == (FUSED_THRESHOLD, IDENTITY_THRESHOLD)


def test_a_fan_that_stays_on_becomes_usual() -> None:
    script = SittingScript().ticks(400).people(0, 400).sound(0, 100, level_dbfs=-60).sound(100, 400, level_dbfs=-38)
    ((kind, start_s, end_s),) = play(script).spans()
    assert (kind, start_s) == ("noise", 100.0)
    assert 150 < end_s < 170


def test_a_very_loud_room_is_noticed_however_usual() -> None:
    script = SittingScript().ticks(60).people(0, 60).sound(0, 60, level_dbfs=-12)
    outcome = play(script)
    assert outcome.spans() == {("noise", 0.0, 59.5)}
    assert outcome.signals[0].why.crossing.measure == "level_dbfs"


def test_the_head_may_turn_to_either_side_up_or_down() -> None:
    for yaw_deg, pitch_deg, measure, words in (
        (45.0, 0.0, "yaw_left_deg", "own left by 45°"),
        (-45.0, 0.0, "yaw_right_deg", "own right by 45°"),
        (0.0, 40.0, "pitch_up_deg", "raised by 40°"),
        (0.0, -41.0, "pitch_down_deg", "lowered by 41°"),
    ):
        script = SittingScript().ticks(60).people(0, 10).people(20, 60)
        why = play(script.people(10, 20, yaw_deg=yaw_deg, pitch_deg=pitch_deg)).signals[-1].why
        assert why.crossing.measure == measure
        assert words in why.text.en


def test_several_actions_on_the_clipboard_are_one_signal_with_their_count() -> None:
    script = calm(120).people(0, 120)
    for at_s, kind in ((10, Kind.CLIPBOARD_COPY), (12, Kind.CLIPBOARD_CUT), (20, Kind.CLIPBOARD_PASTE)):
        script.event(at_s, kind)
    script.event(90, Kind.CLIPBOARD_PASTE)
    outcome = play(script)
    assert outcome.spans() == {("clipboard", 10.0, 20.0), ("clipboard", 90.0, 90.0)}
    opened, closed, *_ = outcome.signals
    assert (opened.why.crossing.value, closed.why.crossing.value) == (1, 3)
    assert "copied 1, cut 1, pasted 1, 3 in all" in closed.why.text.en
