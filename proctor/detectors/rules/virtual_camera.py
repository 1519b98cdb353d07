"""The camera's pictures come from a program: it goes by such a name, or a clip is played over and over."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.rule import HowSoon, Noticed, Reading, Release, SampledConfig, SampledRule, UnknownAfter
from proctor.detectors.wording import duration, fill, number, percent, seconds
from proctor.domain.media import ClientEventKind, TrackKind
from proctor.domain.observations import ClientObserved, LinkObserved, Observation, StreamObserved, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import NS_PER_S, MediaTime

_NAME: Final = "camera_name"
_REPEATING: Final = "repeating"

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


class VirtualCameraConfig(SampledConfig):
    """`virtual_camera`: the camera's pictures come from a program and not from a device."""

    severity: HowSoon = Severity.HIGH
    dwell_s: Annotated[
        float,
        Field(
            ge=0,
            le=600,
            description="Seconds that the pictures must have repeated before it is noted. A camera's name is noted at "
            "once.",
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


class VirtualCamera(SampledRule[VirtualCameraConfig]):
    """Notices the name of a program in place of a camera, and pictures that repeat.

    While a name is noted the pictures are not judged. Confidence: 1 for a name, which is a reported fact; the share of
    returning pictures for a loop.
    """

    id: ClassVar = SignalKind.VIRTUAL_CAMERA
    version: ClassVar = "1"
    consumes: ClassVar = (StreamObserved, ClientObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = VirtualCameraConfig

    def __init__(self, config: VirtualCameraConfig) -> None:
        super().__init__(config, dwell_s=0.0)
        self._camera: str | None = None
        self._repeats_since: MediaTime | None = None

    def judge(self, observation: Observation) -> Reading | None:
        """Take note of a camera's name; otherwise compare the share of returning pictures with the threshold."""
        if isinstance(observation, ClientObserved):
            return self._named(observation)
        if self._camera is not None and is_listed(self._camera, self.config):
            is_tick = isinstance(observation, Tick)
            return Reading(observation.at, holds=True, value=1.0, aspect=_NAME) if is_tick else None
        if isinstance(observation, StreamObserved) and observation.repeating is not None:
            return self._repeated(observation, observation.repeating)
        return None

    def _named(self, observation: ClientObserved) -> Reading | None:
        event = observation.event
        name = event.detail.get("label")
        is_told = event.kind is ClientEventKind.DEVICES_CHANGED and event.detail.get("track") == TrackKind.CAMERA
        if not is_told or not isinstance(name, str):
            return None
        self._camera = name
        self._repeats_since = None
        return Reading(observation.at, holds=is_listed(name, self.config), value=1.0, aspect=_NAME)

    def _repeated(self, observation: StreamObserved, share: float) -> Reading:
        repeats = share >= self.config.repeating
        since = self._repeats_since if repeats else None
        self._repeats_since = observation.at if repeats and since is None else since
        lasted = since is not None and observation.at - since >= self.config.dwell_s * NS_PER_S
        return Reading(
            observation.at, holds=repeats and lasted, value=share, confidence=share, aspect=_REPEATING, since=since
        )

    def rest(self, track: TrackKind) -> list[Signal]:
        """End what its pictures showed; a name stays what it is."""
        if track is TrackKind.CAMERA:
            self._repeats_since = None
        is_named = self._camera is not None and is_listed(self._camera, self.config)
        return [] if is_named else super().rest(track)

    def explain(self, noticed: Noticed) -> Why:
        """State the name, or the share of returning pictures."""
        if noticed.aspect == _NAME:
            named = Text(kk=self._camera or "", ru=self._camera or "", en=self._camera or "")
            text = fill(_NAMED, camera=named, count=number(len(self.config.names)), threshold=number(1))
            return Why(text, Crossing(_NAME, 1.0, 1.0, "", dwell_ms=0), None)
        text = fill(
            _LOOP,
            value=percent(noticed.value),
            threshold=percent(self.config.repeating),
            held=duration(noticed.held_s),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing(_REPEATING, noticed.value, self.config.repeating), None)


def is_listed(name: str, config: VirtualCameraConfig) -> bool:
    """Whether a camera's name is one of a program's by this policy."""
    lower = name.casefold()
    if any(part.casefold() in lower for part in config.phones):
        return False
    return any(part.casefold() in lower for part in config.names)
