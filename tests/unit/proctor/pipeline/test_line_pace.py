"""Times of capture on their way through the line: noted of every picture that arrives, told with those looked at."""

from __future__ import annotations

from test_line import picture
from test_line_senses import line_of

from proctor.domain.media import Codec, EncodedFrame, TrackKind
from proctor.domain.observations import PaceObserved
from proctor.domain.time import media_time_from_s
from proctor.pipeline.outputs import ObservationSummary

STEP_S = 4 / 15


def arriving(number: int, track: TrackKind = TrackKind.CAMERA) -> EncodedFrame:
    return EncodedFrame(
        track=track,
        leg=1,
        at=media_time_from_s(number * STEP_S),
        rtp_time=round(1000 * number * STEP_S) * 90,
        codec=Codec.VP8,
        data=b"",
        is_key=False,
        temporal_id=0,
        after_gap=False,
    )


def test_the_pace_is_told_every_five_seconds_once_it_is_known_and_in_the_summary() -> None:
    line, seen = line_of({})
    outputs = []
    for number in range(240):
        line.arrived(arriving(number))
        outputs += line.picture(picture(number * STEP_S))
        outputs += line.advance(media_time_from_s(number * STEP_S))
    paces = [observed for observed in seen if isinstance(observed, PaceObserved)]
    assert len(paces) in {12, 13}
    assert [pace.even for pace in paces if pace.at < media_time_from_s(15)] == [None] * 3
    assert {pace.even for pace in paces if pace.at > media_time_from_s(30)} == {1.0}
    summaries = [output for output in outputs if isinstance(output, ObservationSummary)]
    assert (summaries[0].even_pace_max, summaries[-1].even_pace_max) == (None, 1.0)


def test_other_tracks_and_recordings_have_no_pace() -> None:
    line, seen = line_of({})
    for number in range(240):
        line.arrived(arriving(number, TrackKind.PHONE))
        line.picture(picture(number * STEP_S))
    assert [observed for observed in seen if isinstance(observed, PaceObserved)] == []
