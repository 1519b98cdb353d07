"""The camera's pictures come from a program: by its name, by a clip that returns, by their pattern or their pace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.rule import HowSoon, Noticed, Reading, Release, SampledConfig, SampledRule, UnknownAfter
from proctor.detectors.wording import duration, fill, number, percent, seconds
from proctor.domain.media import ClientEventKind, TrackKind
from proctor.domain.observations import (
    ClientObserved,
    LinkObserved,
    Observation,
    PaceObserved,
    ResamplingObserved,
    StreamObserved,
    Tick,
    TrackRested,
)
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import NS_PER_S, MediaTime

_NAME: Final = "camera_name"
_REPEATING: Final = "repeating"
_ENLARGED: Final = "enlarged_peak"
_EVEN: Final = "even_pace"

_NAMED = Text(
    kk=(
        "Браузер атаған камера – «{camera}»; ережедегі {count} атаудың бірі: мұндай атау кескінді бағдарлама беретін "
        "виртуалды камераларда болады. Шегі: {threshold} атау. Белгі: камераның атауы. Шешімді адам қабылдайды."
    ),
    ru=(
        "Браузер называет камеру «{camera}»; в правилах таких названий: {count}. Так зовутся виртуальные камеры, "
        "изображение которых даёт программа. Порог: {threshold} название. Признак: название камеры. Решает человек."
    ),
    en=(
        'The browser calls the camera "{camera}"; the policy lists {count} such names. They belong to virtual cameras, '
        "whose pictures come from a program. Threshold: {threshold} name. The cue is the camera's name. A person "
        "decides."
    ),
)
_LOOP = Text(
    kk=(
        "Камера кескіні бұрынғы кескіндерді сол ретпен қайталады: қозғалысы бар соңғы суреттердің {value} пайызы, шегі "
        "{threshold} пайыз, {held} бойы. Белгі: қайта-қайта ойнатылған жазба осылай көрінеді. {dwell} секундқа "
        "созылса, белгіленеді. Шешімді адам қабылдайды."
    ),
    ru=(
        "Изображение камеры повторяло прежние снимки в том же порядке: {value} процентов последних снимков с "
        "движением, порог {threshold}, в течение {held}. Признак: так выглядит запись, которую проигрывают по кругу. "
        "Отмечается, если длится {dwell} с. Решает человек."
    ),
    en=(
        "The camera's pictures returned to earlier ones in the same order: {value} percent of the latest pictures with "
        "movement, threshold {threshold} percent, for {held}. The cue: a clip that is played over and over looks like "
        "this. Noted when it lasts {dwell} s. A person decides."
    ),
)
_PATTERN = Text(
    kk=(
        "Камера кескінінде суретті үлкейткенде не бұрын басқа өлшемде кодтағанда қалатын біркелкі өрнек бар: ол "
        "әдеттегіден {value} есе айқын, шегі {threshold} есе, {held} бойы. Мұндай өрнекті кескінді өзі үлкейтетін не "
        "сығатын камералар да, файлдан ойнатылған бейне де береді. {dwell} секундқа созылса, белгіленеді. Шешімді адам "
        "қабылдайды."
    ),
    ru=(
        "В изображении камеры есть равномерный узор, который остаётся после увеличения снимка или после того, как он "
        "уже был закодирован в другом размере: его выраженность {value} при обычной 1, порог {threshold}, в течение "
        "{held}. Такой узор дают и камеры, которые сами увеличивают или сжимают изображение, и видео из файла. "
        "Отмечается, если длится {dwell} с. Решает человек."
    ),
    en=(
        "The camera's pictures bear the even pattern that is left when a picture was enlarged, or was encoded at "
        "another size before: {value} times as strong as usual, threshold {threshold}, for {held}. Cameras that "
        "enlarge or compress their pictures themselves leave it too, as does a video from a file. Noted when it lasts "
        "{dwell} s. A person decides."
    ),
)
_PACE = Text(
    kk=(
        "Камера кескіндері тым біркелкі қарқынмен түсірілді: соңғы кескіндер арасындағы уақыттың {value} пайызы бір "
        "миллисекундқа дейін бірдей, шегі {threshold} пайыз, {held} бойы. Файлды ойнататын бағдарлама осылай жұмыс "
        "істейді, бірақ өз сағаты бар камера да осылай түсіре алады. {dwell} секундқа созылса, белгіленеді. Шешімді "
        "адам қабылдайды."
    ),
    ru=(
        "Снимки камеры сделаны слишком ровно: {value} процентов последних промежутков между ними одинаковы с точностью "
        "до миллисекунды, порог {threshold}, в течение {held}. Так работает программа, которая проигрывает файл, но "
        "так может снимать и камера с собственными часами. Отмечается, если длится {dwell} с. Решает человек."
    ),
    en=(
        "The camera's pictures were taken at an even pace: {value} percent of the latest intervals between them are "
        "equal to within a millisecond, threshold {threshold} percent, for {held}. A program that plays a file works "
        "like this, but so may a camera with a clock of its own. Noted when it lasts {dwell} s. A person decides."
    ),
)


class VirtualCameraConfig(SampledConfig):
    """`virtual_camera`: the camera's pictures come from a program and not from a device."""

    severity: HowSoon = Severity.HIGH
    dwell_s: Annotated[
        float,
        Field(
            ge=0,
            le=600,
            description="Seconds that the pictures must have repeated, or shown their pattern or pace, before it is "
            "noted. A camera's name is noted at once.",
        ),
    ] = 120.0
    release_s: Release = 10.0
    unknown_after_s: UnknownAfter = 10.0
    names: Annotated[
        tuple[Annotated[str, Field(min_length=2, max_length=60)], ...],
        Field(
            description="Parts of the names of cameras that are programs, in any letter case. Empty: names do not "
            "matter."
        ),
    ] = (
        "virtual",
        "obs camera",
        "obs-camera",
        "manycam",
        "v4l2loopback",
        "dummy video device",
        "snap camera",
        "xsplit",
        "splitcam",
        "webcamoid",
        "e2esoft",
        "vcam",
        "youcam",
        "mmhmm",
        "camtwist",
        "altercam",
        "sparkocam",
        "fakewebcam",
        "ndi video",
        "ndi webcam",
        "chromacam",
        "unity video capture",
        "screen-capture-recorder",
        "webcammax",
    )
    phones: Annotated[
        tuple[Annotated[str, Field(min_length=2, max_length=60)], ...],
        Field(
            description="Parts of the names under which a telephone serves as the camera. Such a camera is a device: "
            "its name is not noted even where it holds one of `names`."
        ),
    ] = ("droidcam", "iriun", "epoccam", "camo", "iphone", "ipad", "continuity camera", "android")
    repeating: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Share of the latest pictures with movement that return to earlier ones in order, from which "
            "the pictures repeat.",
        ),
    ] = 0.85
    judge_enlarged: Annotated[
        bool,
        Field(
            description="Whether the pattern counts that enlarging a picture, or encoding it at another size before, "
            "leaves. Off by default: the encoder of a sitting wipes it out at the usual bit rate, and cameras that "
            "enlarge or compress their pictures themselves leave it too (docs/accuracy.md)."
        ),
    ] = False
    enlarged_peak: Annotated[
        float,
        Field(
            gt=1,
            le=1000,
            description="How far that pattern must stand out, in multiples of what is usual, from which the pictures "
            "count as enlarged.",
        ),
    ] = 20.0
    judge_pace: Annotated[
        bool,
        Field(
            description="Whether the pace at which the pictures were captured counts. Off by default: how even the "
            "pace of honest cameras is was not measured (docs/accuracy.md)."
        ),
    ] = False
    even_pace: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Share of the latest intervals between pictures that are equal to within a millisecond, from "
            "which the pace is that of a program.",
        ),
    ] = 0.95


@dataclass(frozen=True, slots=True)
class _Cue:
    """One of the cues in the pictures, while it holds."""

    since: MediaTime
    seen: MediaTime
    value: float
    confidence: float


class VirtualCamera(SampledRule[VirtualCameraConfig]):
    """Notices the name of a program in place of a camera, and pictures that repeat; if asked to, their pattern or pace.

    While a name is noted the pictures are not judged. Confidence: 1 for a name, which is a reported fact; the share of
    returning pictures for a loop; how far above the threshold a pattern stands out, 0 there, towards 1 without end; the
    share of equal intervals for a pace.
    """

    id: ClassVar = SignalKind.VIRTUAL_CAMERA
    version: ClassVar = "2"
    consumes: ClassVar = (
        StreamObserved,
        ResamplingObserved,
        PaceObserved,
        ClientObserved,
        LinkObserved,
        Tick,
        TrackRested,
    )
    config_type: ClassVar[type[DetectorConfig]] = VirtualCameraConfig

    def __init__(self, config: VirtualCameraConfig) -> None:
        super().__init__(config, dwell_s=0.0)
        self._camera: str | None = None
        self._cues: dict[str, _Cue] = {}

    def judge(self, observation: Observation) -> Reading | None:
        """Take note of a camera's name; otherwise compare what the pictures show with the thresholds."""
        if isinstance(observation, ClientObserved):
            return self._named(observation)
        if self._camera is not None and is_listed(self._camera, self.config):
            is_tick = isinstance(observation, Tick)
            return Reading(observation.at, holds=True, value=1.0, aspect=_NAME) if is_tick else None
        measured = self._measured(observation)
        return None if measured is None else self._felt(observation.at, *measured)

    def _named(self, observation: ClientObserved) -> Reading | None:
        event = observation.event
        name = event.detail.get("label")
        is_told = event.kind is ClientEventKind.DEVICES_CHANGED and event.detail.get("track") == TrackKind.CAMERA
        if not is_told or not isinstance(name, str):
            return None
        self._camera = name
        self._cues.clear()
        return Reading(observation.at, holds=is_listed(name, self.config), value=1.0, aspect=_NAME)

    def _measured(self, observation: Observation) -> tuple[str, float, float, float] | None:
        """Which cue it is about, its value, its threshold and the confidence; None where it says nothing."""
        config = self.config
        if isinstance(observation, StreamObserved) and observation.repeating is not None:
            return _REPEATING, observation.repeating, config.repeating, observation.repeating
        if isinstance(observation, ResamplingObserved) and config.judge_enlarged and observation.peak is not None:
            confidence = 1.0 - config.enlarged_peak / max(observation.peak, config.enlarged_peak)
            return _ENLARGED, observation.peak, config.enlarged_peak, confidence
        if isinstance(observation, PaceObserved) and config.judge_pace and observation.even is not None:
            return _EVEN, observation.even, config.even_pace, observation.even
        return None

    def _felt(self, at: MediaTime, aspect: str, value: float, threshold: float, confidence: float) -> Reading:
        """The cues together: they hold as long as one of them has lasted, whichever was measured just now."""
        before = self._cues.pop(aspect, None)
        if value >= threshold:
            self._cues[aspect] = _Cue(at if before is None else before.since, at, value, confidence)
        unknown_ns, dwell_ns = self.config.unknown_after_s * NS_PER_S, self.config.dwell_s * NS_PER_S
        self._cues = {name: cue for name, cue in self._cues.items() if at - cue.seen <= unknown_ns}
        lasting = [name for name, cue in self._cues.items() if cue.seen - cue.since >= dwell_ns]
        if not lasting:
            return Reading(at, holds=False, value=value, aspect=aspect)
        name = aspect if aspect in lasting else lasting[0]
        cue = self._cues[name]
        return Reading(at, holds=True, value=cue.value, confidence=cue.confidence, aspect=name, since=cue.since)

    def rest(self, track: TrackKind) -> list[Signal]:
        """End what its pictures showed; a name stays what it is."""
        if track is TrackKind.CAMERA:
            self._cues.clear()
        is_named = self._camera is not None and is_listed(self._camera, self.config)
        return [] if is_named else super().rest(track)

    def explain(self, noticed: Noticed) -> Why:
        """State the name, or what was measured of the pictures."""
        config = self.config
        if noticed.aspect == _NAME:
            named = Text(kk=self._camera or "", ru=self._camera or "", en=self._camera or "")
            text = fill(_NAMED, camera=named, count=number(len(config.names)), threshold=number(1))
            return Why(text, Crossing(_NAME, 1.0, 1.0, "", dwell_ms=0), None)
        lasted = {"held": duration(noticed.held_s), "dwell": seconds(config.dwell_s)}
        if noticed.aspect == _ENLARGED:
            text = fill(_PATTERN, value=number(noticed.value, 1), threshold=number(config.enlarged_peak, 1), **lasted)
            return Why(text, self.crossing(_ENLARGED, noticed.value, config.enlarged_peak), None)
        template, threshold = (_PACE, config.even_pace) if noticed.aspect == _EVEN else (_LOOP, config.repeating)
        text = fill(template, value=percent(noticed.value), threshold=percent(threshold), **lasted)
        return Why(text, self.crossing(noticed.aspect, noticed.value, threshold), None)


def is_listed(name: str, config: VirtualCameraConfig) -> bool:
    """Whether a camera's name is one of a program's by this policy."""
    lower = name.casefold()
    if any(part.casefold() in lower for part in config.phones):
        return False
    return any(part.casefold() in lower for part in config.names)
