from __future__ import annotations

from sitting_script import SittingScript, run

from proctor.detectors.rules.microphone_muted import MicrophoneMuted, MicrophoneMutedConfig
from proctor.detectors.rules.noise import Noise, NoiseConfig
from proctor.domain.media import ClientEventKind, LinkState
from proctor.domain.signals import Signal
from proctor.domain.time import media_time_from_s

MUTED, UNMUTED = ClientEventKind.TRACK_MUTED, ClientEventKind.TRACK_UNMUTED


def noticed(script: SittingScript) -> list[Signal]:
    return run(MicrophoneMuted(MicrophoneMutedConfig()), script.observations(), script.end)


def test_what_the_browser_reports_is_noticed_without_any_sound() -> None:
    script = SittingScript().ticks(80).sound(0, 10).event(10, MUTED, track="microphone")
    opened, closed = noticed(script.event(40.25, UNMUTED, track="microphone").sound(40.5, 60))
    assert (opened.start, closed.end) == (media_time_from_s(10), media_time_from_s(40.25))
    assert (closed.why.crossing.measure, closed.why.crossing.value) == ("lasted_s", 30.25)
    assert "reported" in closed.why.text.en


def test_a_microphone_that_ended_is_off_until_it_is_opened_again() -> None:
    script = SittingScript().ticks(80).sound(0, 10).event(10, ClientEventKind.TRACK_ENDED, track="microphone")
    opened, closed = noticed(script.event(45.25, ClientEventKind.DEVICES_CHANGED, track="microphone").sound(45.5, 70))
    assert opened.noticed == media_time_from_s(25)
    assert closed.end == media_time_from_s(45.25)


def test_other_tracks_and_other_changes_of_devices_say_nothing() -> None:
    script = SittingScript().ticks(60).sound(0, 60).event(5, MUTED, track="camera").event(6, MUTED)
    assert noticed(script.event(7, ClientEventKind.DEVICES_CHANGED, microphones=2)) == []


def test_silence_between_sounds_is_counted_anew() -> None:
    script = SittingScript().ticks(60)
    for start in range(0, 60, 12):
        script = script.sound(start, start + 11, level_dbfs=-100).sound(start + 11, start + 12)
    assert noticed(script) == []


def test_nothing_is_said_while_the_link_is_lost() -> None:
    script = SittingScript().ticks(60).sound(0, 5).link(5, LinkState.LOST).event(6, MUTED, track="microphone")
    assert noticed(script) == []


def noise(script: SittingScript) -> Signal:
    return run(Noise(NoiseConfig()), script.observations(), script.end)[-1]


def loud(lufs: float | None = None) -> SittingScript:
    return SittingScript().ticks(60).sound(0, 30, lufs=-58).sound(30, 40, level_dbfs=-30, lufs=lufs).sound(40, 60)


def test_the_room_s_own_level_and_the_loudness_stand_in_the_reason() -> None:
    text = noise(loud(-33.0)).why.text
    for sentence in (text.kk, text.ru, text.en):
        assert "\N{MINUS SIGN}55" in sentence
        assert "\N{MINUS SIGN}33 LUFS" in sentence
    assert "LUFS" not in noise(loud()).why.text.en


def test_the_reason_says_when_the_browser_adjusted_the_gain() -> None:
    told = ClientEventKind.DEVICES_CHANGED
    assert "gain" not in noise(loud()).why.text.en
    assert "gain" in noise(loud().event(1, told, track="microphone", autoGainControl=True)).why.text.en
    assert "gain" not in noise(loud().event(1, told, track="microphone", autoGainControl=False)).why.text.en
    assert "gain" not in noise(loud().event(1, told, microphones=2)).why.text.en


def test_typing_is_no_noise_unless_it_is_loud_altogether() -> None:
    def signals(level_dbfs: float, crest_db: float) -> list[Signal]:
        script = SittingScript().ticks(60).sound(0, 30).sound(30, 45, level_dbfs=level_dbfs, crest_db=crest_db)
        return run(Noise(NoiseConfig()), script.sound(45, 60).observations(), script.end)

    assert signals(-30, 0.5)
    assert signals(-30, 10.0) == []
    assert signals(-15, 10.0)


def test_typing_does_not_make_the_room_louder_than_it_is() -> None:
    script = SittingScript().ticks(120).sound(0, 15).sound(15, 90, level_dbfs=-35, crest_db=10.0)
    assert noise(script.sound(90, 100, level_dbfs=-30).sound(100, 120)).why.crossing.value == 25.0


def test_the_reason_of_silence_says_when_the_browser_suppressed_noise() -> None:
    def reason(**settings: bool) -> str:
        script = SittingScript().ticks(60).event(1, ClientEventKind.DEVICES_CHANGED, track="microphone", **settings)
        return noticed(script.sound(0, 20).sound(20, 50, level_dbfs=-100).sound(50, 60))[-1].why.text.en

    assert "suppressed" in reason(noiseSuppression=True)
    assert "suppressed" not in reason(noiseSuppression=False)
    assert "suppressed" not in reason(autoGainControl=True)
