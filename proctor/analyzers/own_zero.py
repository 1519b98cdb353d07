"""The candidate's own zero, and the look measured from it.

How a head is built, where the camera stands and where an iris rests in a narrow or a wide eye differ from person to
person by as much as a glance aside. So angles of the look are only stated against what this candidate's settled,
frontal pictures have in common. The zero is a median over the last minutes of them, and bounded: a candidate who begins
turned away, or reads aside for long, cannot make that the zero. It says nothing of anybody else: while a check against
the enrolment photograph says that another person sits there, nothing is learned and no look is stated.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import Final

import numpy as np

from proctor.analyzers.identity import FUSED_THRESHOLD, IDENTITY_THRESHOLD
from proctor.domain.observations import (
    EyeDirection,
    Face,
    GazeAngles,
    GazeZone,
    HeadPose,
    IdentityObserved,
    OwnZero,
    PeopleObserved,
    ScreenZone,
)

LEAST_PICTURES: Final = 6
"""Settled pictures before there is a zero; at two pictures a second about three seconds."""
MOST_PICTURES: Final = 600
"""Settled pictures that the zero looks back over; at two a second five minutes, so that it follows a chair that moves
but not a look aside that lasts."""
RENEW_EVERY: Final = 10
"""Settled pictures after which the medians are taken anew, once there are many."""
SETTLED_DEG: Final = 5.0
"""Largest turn since the previous measured picture of a head that rests."""
FRONTAL_YAW_DEG: Final = 20.0
"""A camera may stand this far to the side; a head turned further away from it is never part of the zero."""
FRONTAL_PITCH_DEG: Final = 25.0
FRONTAL_ROLL_DEG: Final = 20.0
RESTING_EYES: Final = 0.08
"""Offset of irises, in eye widths, beyond which anyone's eyes look aside: in 102 frontal portraits of people of several
origins who look into the camera they stay within 0.04."""

EYE_SPAN: Final = 0.28
"""Offset of an iris, in eye widths, per sine of the eye's turn. Anatomy says 0.4 (an eyeball of 12 mm radius behind an
opening of 30 mm); on the one labelled clip of a look aside the mesh showed about 0.2. This is their geometric mean."""
PARALLAX: Final = 0.08
"""Apparent offset of an iris that looks straight ahead, per tangent of the head's yaw: it lies before the corners."""
EYE_REACH_DEG: Final = 35.0
"""How far eyes turn in the head without effort. A head turned further than this beyond the edge of a zone looks there
wherever its eyes point; one turned less may still look at the screen, so eyes that are not seen make it unknown."""
SIDE_DEG: Final = 15.0
"""Left or right of the screen from here on; 34 cm of screen at 60 cm reach 16 degrees to either side of the middle,
which the mesh understates."""
UP_DEG: Final = 20.0
DOWN_DEG: Final = 30.0
"""Wide enough for a keyboard before the screen."""

STRAIGHT_AHEAD: Final = OwnZero(HeadPose(0.0, 0.0, 0.0), EyeDirection(0.0, 0.0, 0.3), 0)
"""Nobody's zero: looks of one person that are measured from it differ by as much as from the person's own."""


class CandidateZero:
    """The zero of one sitting, found and followed as pictures come; keeps some ten thousand bytes.

    `screen` is the candidate's own, where the gaze was calibrated.
    """

    def __init__(self, screen: ScreenZone | None = None) -> None:
        self._screen = screen
        self._poses: deque[tuple[float, float, float]] = deque(maxlen=MOST_PICTURES)
        self._eyes: deque[tuple[float, float, float]] = deque(maxlen=MOST_PICTURES)
        self._before: HeadPose | None = None
        self._settled = 0
        self._zero: OwnZero | None = None
        self._is_another = False
        self._unconfirmed_poses = 0
        self._unconfirmed_eyes = 0

    @property
    def zero(self) -> OwnZero | None:
        """The zero so far; None until enough settled pictures have come."""
        return self._zero

    def observe(self, seen: PeopleObserved) -> PeopleObserved:
        """Learn from a picture in which the pose was measured; state the zero and the first face's look in it."""
        if not seen.faces:
            self._before = None
            return replace(seen, zero=self._zero)
        face = seen.faces[0]
        if self._is_another:
            return replace(seen, zero=self._zero)
        if seen.people == 1:
            self._learn(face)
        return replace(seen, zero=self._zero, faces=(with_gaze(face, self._zero), *seen.faces[1:]))

    def compared(self, check: IdentityObserved) -> None:
        """Take note of a check against the enrolment photograph; one that cannot tell changes nothing.

        What was learned since the last check that found the candidate is forgotten if this one finds somebody else.
        """
        if check.similarity is None:
            return
        self._is_another = _is_another(check.similarity, check.second_opinion)
        if self._is_another and self._unconfirmed_poses:
            for _ in range(min(self._unconfirmed_poses, len(self._poses))):
                self._poses.pop()
            for _ in range(min(self._unconfirmed_eyes, len(self._eyes))):
                self._eyes.pop()
            self._zero = self._median() if len(self._poses) >= LEAST_PICTURES else None
        self._unconfirmed_poses = self._unconfirmed_eyes = 0

    def _learn(self, face: Face) -> None:
        before, self._before = self._before, face.pose
        if face.pose is None or before is None or not _rests(before, face.pose) or not _is_frontal(face.pose):
            return
        self._poses.append((face.pose.yaw_deg, face.pose.pitch_deg, face.pose.roll_deg))
        self._unconfirmed_poses += 1
        if face.eyes is not None and abs(face.eyes.left) <= RESTING_EYES:
            self._eyes.append((face.eyes.left, face.eyes.up, face.eyes.openness))
            self._unconfirmed_eyes += 1
        self._settled += 1
        few = len(self._poses) < MOST_PICTURES // RENEW_EVERY
        if len(self._poses) >= LEAST_PICTURES and (few or self._settled % RENEW_EVERY == 0):
            self._zero = self._median()

    def _median(self) -> OwnZero:
        pose = HeadPose(*(float(value) for value in np.median(np.asarray(self._poses), axis=0)))
        eyes = None
        if len(self._eyes) >= LEAST_PICTURES:
            eyes = EyeDirection(*(float(value) for value in np.median(np.asarray(self._eyes), axis=0)))
        return OwnZero(pose, eyes, len(self._poses), self._screen)


def with_gaze(face: Face, zero: OwnZero | None) -> Face:
    """The face with its look, measured from the zero; unknown where landmarks or zero do not support it."""
    angles = None if zero is None else gaze_angles(face, zero)
    if zero is None or angles is None:
        return replace(face, gaze=GazeZone.UNKNOWN, gaze_angles=None)
    return replace(face, gaze=zone_of(angles, zero.screen), gaze_angles=angles)


def gaze_angles(face: Face, zero: OwnZero) -> GazeAngles | None:
    """Where head and eyes together point, in degrees from the zero; None where that cannot be told.

    Without eyes only a head turned so far that eyes cannot come back to the screen is a judgement.
    """
    if face.pose is None:
        return None
    left = face.pose.yaw_deg - zero.pose.yaw_deg
    up = face.pose.pitch_deg - zero.pose.pitch_deg
    if face.eyes is None or zero.eyes is None:
        beyond = abs(left) - SIDE_DEG > EYE_REACH_DEG or -up - DOWN_DEG > EYE_REACH_DEG or up - UP_DEG > EYE_REACH_DEG
        return GazeAngles(left, up) if beyond else None
    parallax = PARALLAX * (math.tan(math.radians(face.pose.yaw_deg)) - math.tan(math.radians(zero.pose.yaw_deg)))
    return GazeAngles(
        left_deg=left + _turn_deg(face.eyes.left - zero.eyes.left - parallax),
        up_deg=up + _turn_deg(face.eyes.up - zero.eyes.up),
    )


def zone_of(angles: GazeAngles, screen: ScreenZone | None = None) -> GazeZone:
    """The zone that the look falls into: the side that it is furthest beyond, of the own screen where it is known."""
    beyond = {
        GazeZone.LEFT: angles.left_deg - (SIDE_DEG if screen is None else screen.left_deg),
        GazeZone.RIGHT: -angles.left_deg - (SIDE_DEG if screen is None else screen.right_deg),
        GazeZone.UP: angles.up_deg - UP_DEG,
        GazeZone.DOWN: -angles.up_deg - DOWN_DEG,
    }
    zone = max(beyond, key=lambda each: beyond[each])
    return zone if beyond[zone] > 0 else GazeZone.SCREEN


def _turn_deg(offset: float) -> float:
    """Turn of an eye whose iris is off by that many eye widths."""
    return math.degrees(math.asin(max(-1.0, min(1.0, offset / EYE_SPAN))))


def _is_another(first: float, second: float | None) -> bool:
    """Whether a similarity, with the second opinion where there is one, is that of different people."""
    return first < IDENTITY_THRESHOLD if second is None else (first + second) / 2 < FUSED_THRESHOLD


def _rests(before: HeadPose, now: HeadPose) -> bool:
    return max(abs(now.yaw_deg - before.yaw_deg), abs(now.pitch_deg - before.pitch_deg)) <= SETTLED_DEG


def _is_frontal(pose: HeadPose) -> bool:
    return (
        abs(pose.yaw_deg) <= FRONTAL_YAW_DEG
        and abs(pose.pitch_deg) <= FRONTAL_PITCH_DEG
        and abs(pose.roll_deg) <= FRONTAL_ROLL_DEG
    )
