"""Recordings of a composed room whose turn is known exactly: parallax, sway, noise, an encoder, a bare wall."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from benchmarks.accuracy.tables import Json
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import media_time_from_s
from proctor.roomscan.scan import RoomScan, RoomScanResult
from tests.media.rooms import (
    FPS,
    Camera,
    Picture,
    Room,
    furnished,
    furnished_otherwise,
    furnished_upside_down,
    plain,
    there,
    through_vp8,
    turn,
)

COMPOSED_KIND: Final = "composed"
SEEN_KIND: Final = "once held out"
HELD_OUT_KIND: Final = "held out"
FURNITURE: Final = 11
"""Another than in the tests that the thresholds were chosen with."""
FULL_DEG: Final = 360.0
START_DEG: Final = 45.0
AROUND: Final = ((FULL_DEG, 16.0),)
BARE_LEVEL: Final = 205


@dataclass(frozen=True, slots=True)
class Composed:
    """One recording; `turns` are degrees to the right with the seconds that they take."""

    name: str
    camera: Camera
    turns: tuple[tuple[float, float], ...]
    turned_deg: float
    has_bare_wall: bool = False
    bit_rate: int = 300_000
    room: Room = field(default_factory=lambda: Room(walls=furnished(FURNITURE)))
    kind: str = COMPOSED_KIND


COMPOSED: Final = (
    Composed("circle, 52° view", Camera(view_deg=52), AROUND, 360),
    Composed("circle to the left, 66° view, 15 cm arm", Camera(view_deg=66, arm_m=0.15, noise=4), ((-360, 16),), 360),
    Composed("circle, 78° view, 30 cm arm, 150 kbit/s", Camera(view_deg=78, arm_m=0.3), AROUND, 360, bit_rate=150_000),
    Composed("circle, upright, 70° view, dim", Camera(view_deg=70, size=(360, 480), light=0.4), AROUND, 360),
    Composed("circle past a bare wall, 66° view", Camera(view_deg=66), AROUND, 360, has_bare_wall=True),
    Composed("part, 52° view", Camera(view_deg=52), ((120, 6),), 120),
    Composed("part, 62° view, 50 cm arm", Camera(view_deg=62, arm_m=0.5), ((200, 9),), 200),
    Composed("part, 78° view, 30 cm arm", Camera(view_deg=78, arm_m=0.3), ((250, 11),), 250),
    Composed("half and back, 62° view", Camera(view_deg=62), ((180, 8), (-180, 8)), 180),
    Composed("still, swaying", Camera(view_deg=62, sway_deg=2.5), ((0, 8),), 0),
)


def once_held_out() -> tuple[Composed, ...]:
    """Six rooms that nothing was chosen on at first, of other sizes and with other pictures; it has been since."""
    narrow = Room(walls=furnished_otherwise(21), half_m=(1.8, 1.25, 1.6))
    large = Room(walls=furnished_otherwise(22), half_m=(3.4, 1.5, 2.6))
    long = Room(walls=furnished_otherwise(23), half_m=(2.2, 1.3, 3.2))
    first = (
        _Shown("narrow room", narrow, SEEN_KIND, Camera(view_deg=58), arm_m=0.5),
        _Shown("large room", large, SEEN_KIND, Camera(view_deg=68), arm_m=0.5),
        _Shown("long room", long, SEEN_KIND, Camera(view_deg=76), arm_m=0.5),
    )
    cases: list[Composed] = []
    for room in first:
        cases += [room.circle(), room.past_a_bare_wall(), room.part(220, 10)]
    square = Room(walls=furnished_upside_down(31), half_m=(2.0, 1.35, 2.3))
    broad = Room(walls=furnished_upside_down(32), half_m=(2.9, 1.45, 1.7))
    deep = Room(walls=furnished_upside_down(33), half_m=(1.6, 1.2, 2.7))
    cases += _shown(
        (
            _Shown("square room", square, SEEN_KIND, Camera(view_deg=64, noise=3, sway_deg=2), arm_m=0.35),
            _Shown("broad room", broad, SEEN_KIND, Camera(view_deg=56, noise=3, sway_deg=2), arm_m=0.6),
            _Shown("deep room", deep, SEEN_KIND, Camera(view_deg=73, noise=3, sway_deg=2), arm_m=0.25),
        ),
        on_an_arm_deg=(200, 240, 170),
        on_the_spot_deg=(130, 210, 280),
    )
    return tuple(cases)


def held_out() -> tuple[Composed, ...]:
    """Three rooms that nothing was chosen on: other sizes, pictures upside down, other cameras and arms."""
    hall = Room(walls=furnished_upside_down(41), half_m=(2.4, 1.4, 2.5))
    passage = Room(walls=furnished_upside_down(42), half_m=(1.7, 1.3, 3.0))
    wide = Room(walls=furnished_upside_down(43), half_m=(3.1, 1.5, 2.1))
    return _shown(
        (
            _Shown("hall", hall, HELD_OUT_KIND, Camera(view_deg=60, noise=2.5, sway_deg=1.8), arm_m=0.45),
            _Shown("passage", passage, HELD_OUT_KIND, Camera(view_deg=70, noise=2.5, sway_deg=1.8), arm_m=0.3),
            _Shown("wide room", wide, HELD_OUT_KIND, Camera(view_deg=54, noise=2.5, sway_deg=1.8), arm_m=0.2),
        ),
        on_an_arm_deg=(260, 190, 230),
        on_the_spot_deg=(150, 240, 110),
    )


def _shown(
    rooms: tuple[_Shown, ...], *, on_an_arm_deg: tuple[float, ...], on_the_spot_deg: tuple[float, ...]
) -> tuple[Composed, ...]:
    """Each room in four ways."""
    cases: list[Composed] = []
    for room, on_an_arm, on_the_spot in zip(rooms, on_an_arm_deg, on_the_spot_deg, strict=True):
        cases += [room.circle(), room.past_a_bare_wall(), room.part(on_an_arm, on_an_arm / 22)]
        cases.append(room.part(on_the_spot, on_the_spot / 22, is_on_the_spot=True))
    return tuple(cases)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A room and the camera that shows it, on the spot or on an arm."""

    name: str
    room: Room
    kind: str
    camera: Camera
    arm_m: float

    def circle(self) -> Composed:
        """All the way round, on the arm."""
        return self._case("circle", AROUND, is_on_the_spot=False)

    def past_a_bare_wall(self) -> Composed:
        """The same on the spot, past a wall that shows nothing."""
        return replace(self._case("circle past a bare wall", AROUND, is_on_the_spot=True), has_bare_wall=True)

    def part(self, turned_deg: float, seconds: float, *, is_on_the_spot: bool = False) -> Composed:
        """An open turn."""
        return self._case("part", ((turned_deg, seconds),), is_on_the_spot=is_on_the_spot)

    def _case(self, what: str, turns: tuple[tuple[float, float], ...], *, is_on_the_spot: bool) -> Composed:
        arm = "" if is_on_the_spot else f", {self.arm_m * 100:.0f} cm arm"
        name = f"{what}, {self.name}, {self.camera.view_deg:.0f}° view{arm}"
        camera = self.camera if is_on_the_spot else replace(self.camera, arm_m=self.arm_m)
        return Composed(name, camera, turns, turns[0][0], room=self.room, kind=self.kind)


def measure_composed(cases: tuple[Composed, ...]) -> list[Json]:
    """Coverage of each, in the form of the labelled clips."""
    clips = []
    for case in cases:
        result = scan_composed(case)
        clips.append(
            {
                "file": case.name,
                "kind": case.kind,
                "turned_deg": case.turned_deg,
                "is_full": case.turned_deg == FULL_DEG,
                "coverage_deg": round(result.coverage_deg, 1),
                "least_deg": round(result.least_deg, 1),
                "most_deg": round(result.most_deg, 1),
                "untold_deg": round(sum(sector.width_deg for sector in result.untold), 1),
                "complete": result.is_complete,
                "cannot_tell": None if result.cannot_tell is None else result.cannot_tell.value,
            }
        )
    return clips


def scan_composed(case: Composed) -> RoomScanResult:
    """Compose a recording and go through it."""
    scan = RoomScan()
    for number, rgb in enumerate(through_vp8(_seen(case), case.bit_rate)):
        scan.add(Frame(TrackKind.PHONE, media_time_from_s(number / FPS), rgb))
    return scan.finish()


def _seen(case: Composed) -> list[Picture]:
    walls = list(case.room.walls)
    if case.has_bare_wall:
        height, width = walls[2].shape[:2]
        walls[2] = plain(width, height, BARE_LEVEL)
    room = Room(walls=walls, half_m=case.room.half_m)
    return list(turn(room, case.camera, there(*case.turns, start_deg=START_DEG)))
