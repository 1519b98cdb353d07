"""Recordings of a composed room whose turn is known exactly: parallax, sway, noise, an encoder, a bare wall."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    plain,
    there,
    through_vp8,
    turn,
)

COMPOSED_KIND: Final = "composed"
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


def held_out() -> tuple[Composed, ...]:
    """Three rooms that nothing was chosen on, of other sizes and hung with other pictures."""
    rooms = {
        "narrow room": Room(walls=furnished_otherwise(21), half_m=(1.8, 1.25, 1.6)),
        "large room": Room(walls=furnished_otherwise(22), half_m=(3.4, 1.5, 2.6)),
        "long room": Room(walls=furnished_otherwise(23), half_m=(2.2, 1.3, 3.2)),
    }
    cases: list[Composed] = []
    for view_deg, (name, room) in zip((58, 68, 76), rooms.items(), strict=True):
        on_the_spot, on_an_arm = Camera(view_deg=view_deg), Camera(view_deg=view_deg, arm_m=0.5)
        shown = f"{name}, {view_deg}° view"
        cases += [
            Composed(f"circle, {shown}, 50 cm arm", on_an_arm, AROUND, 360, room=room, kind=HELD_OUT_KIND),
            Composed(
                f"circle past a bare wall, {shown}",
                on_the_spot,
                AROUND,
                360,
                has_bare_wall=True,
                room=room,
                kind=HELD_OUT_KIND,
            ),
            Composed(f"part, {shown}, 50 cm arm", on_an_arm, ((220, 10),), 220, room=room, kind=HELD_OUT_KIND),
        ]
    return tuple(cases)


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
