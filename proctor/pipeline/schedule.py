"""When which analyzer looks, decided by media time and by what was seen; no clock.

The costly looks are spent where something changes: a still picture carries the last count over for at most
`CARRY_FOR`, the head pose is measured less often while the candidate faces the screen, and small faces in the
background are looked for periodically and whenever the quick look sees another number of people than before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from proctor.domain.observations import Box, Face, GazeZone, IdentityObserved, PeopleObserved
from proctor.domain.policy import AnalysisPolicy
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime
from proctor.pipeline.moment import MOVING_LUMA

STILL_LUMA: Final = 2.0
"""Mean absolute luma change below which a picture counts as still. Recorded candidates who sit and read change by 0.5
to 2 within half a second, who speak by 1 to 3, who turn the head by 5 to 8."""
CARRY_FOR: Final = 1_200 * NS_PER_MS
"""A count is carried over a still picture at most this long after the look that made it."""
CALM_CARRY_FOR: Final = 1_700 * NS_PER_MS
"""Where nothing stirs beside the candidate either, at most this long."""
THOROUGH_EVERY: Final = 5 * NS_PER_S
"""The look for small faces comes at least this often."""
CALM_THOROUGH_EVERY: Final = 10 * NS_PER_S
"""Where nothing stirs beside a calm candidate, it comes this often."""
STIRRED_EVERY: Final = 1_500 * NS_PER_MS
"""Where something does, it comes at once, and this often while it goes on."""
CALM_AFTER: Final = 5 * NS_PER_S
"""With one person for so long, or with a frontal head for so long, that counts as calm."""
CALM_POSE_EVERY: Final = 900 * NS_PER_MS
"""Head pose is measured this often while it is frontal; on every look otherwise."""
STILL_POSE_EVERY: Final = 1_400 * NS_PER_MS
"""In a still picture in which nothing stirs beside the candidate either."""
CALM_ANGLE_DEG: Final = 18.0
"""A head turned or tilted further than this is not calm; well below any sensible threshold of a rule."""
PRESSED_POSE_EVERY: Final = 2_500 * NS_PER_MS
"""Head pose is measured this often where the machine cannot keep up; people are counted and compared as ever."""
MOVED_SHARE: Final = 0.12
"""A face whose box moved by more than this share of its width has moved, so its pose is measured anew."""
JUMPED_SHARE: Final = 0.6
"""A face whose box moved by more than this share of its width between two looks may be another person's."""
CUT_LUMA: Final = 12.0
"""Mean absolute luma change from which on the picture as a whole is another one; moving in the seat stays below 8."""
DOUBT_SIMILARITY: Final = 0.55
"""An identity check below this similarity asks the second model too, and is repeated soon; above any threshold that a
policy sensibly sets, and above the impostors of the labelled pairs."""
DOUBT_EVERY: Final = 2 * NS_PER_S
DOUBT_REPEATS: Final = 5
"""Soon-repeated checks before the interval of the policy holds again."""
NEW_TRACK_REPEATS: Final = 15
"""The same for a face that took another's place and could not be judged so far."""
NEW_TRACK_CONFIRMATIONS: Final = 2
"""Sure checks that such a face needs: the first may still have caught who was there before."""
GRID_SLACK: Final = 40 * NS_PER_MS
"""A picture this much ahead of its due time is taken, so that rates near the sampling rate do not halve it."""


@dataclass(frozen=True, slots=True)
class Look:
    """How one picture is to be analysed."""

    thorough: bool
    """Look for small faces too."""
    with_pose: bool
    """Measure the head pose."""


class SamplingGrid:
    """Picks pictures at a steady rate: the first one at or after each point of a grid that does not drift."""

    def __init__(self, per_s: float) -> None:
        self._step = round(NS_PER_S / per_s)
        self._due: int | None = None

    def wants(self, at: MediaTime) -> bool:
        """Whether the picture at `at` would be taken."""
        return self._due is None or at >= self._due - GRID_SLACK

    def took(self, at: MediaTime) -> None:
        """The picture at `at` was taken."""
        due = at if self._due is None else self._due
        missed = max(0, (at - due) // self._step)
        self._due = due + (missed + 1) * self._step


class LookSchedule:
    """Decides how each sampled picture of one sitting's camera is analysed."""

    def __init__(self) -> None:
        self._last: PeopleObserved | None = None
        self._looked_at: MediaTime | None = None
        self._thorough_at: MediaTime | None = None
        self._posed_at: MediaTime | None = None
        self._unusual_at: MediaTime | None = None
        self._turned_at: MediaTime | None = None
        self._quick_count: int | None = None
        self._quick_is_blind = False

    def look(
        self, at: MediaTime, change: float | None, *, stirred: bool | None = None, pressed: bool = False
    ) -> Look | None:
        """How to analyse the picture at `at`; None when the last count may be carried over.

        `change` is the mean luma change to the previous picture, None when it is unknown. `stirred` says whether
        something changed beside the candidate since small faces were last looked for, None when it is unknown.
        `pressed` says that the machine cannot keep up: the head pose is then measured less often.
        """
        last = self._last
        if last is None:
            return Look(thorough=True, with_pose=True)
        moving = change is None or change > MOVING_LUMA
        still = change is not None and change < STILL_LUMA
        frontal = _elapsed(self._turned_at, at, CALM_AFTER)
        usual = last.people == 0 or self.is_calm(at)
        looks_for_small = stirred is True and _elapsed(self._thorough_at, at, STIRRED_EVERY)
        carry_for = CALM_CARRY_FOR if stirred is False else CARRY_FOR
        if still and usual and not looks_for_small and not _elapsed(self._looked_at, at, carry_for):
            return None
        pace = CALM_THOROUGH_EVERY if stirred is False and self.is_calm(at) else THOROUGH_EVERY
        thorough = self._quick_is_blind or looks_for_small or _elapsed(self._thorough_at, at, pace)
        if pressed:
            return Look(thorough, with_pose=_elapsed(self._posed_at, at, PRESSED_POSE_EVERY))
        pose_every = STILL_POSE_EVERY if stirred is False and still else CALM_POSE_EVERY
        return Look(thorough, with_pose=moving or not frontal or _elapsed(self._posed_at, at, pose_every))

    @property
    def candidate(self) -> Box | None:
        """Where the candidate's face was last seen."""
        return self._last.faces[0].box if self._last is not None and self._last.faces else None

    def is_calm(self, at: MediaTime) -> bool:
        """Whether for some time there was one person, who faced the screen."""
        return _elapsed(self._turned_at, at, CALM_AFTER) and _elapsed(self._unusual_at, at, CALM_AFTER)

    def must_confirm(self, look: Look, seen: PeopleObserved) -> bool:
        """Whether a quick look has to be confirmed by a thorough one before it is believed."""
        if look.thorough or self._last is None or seen.people == self._last.people:
            return False
        self._quick_count = seen.people
        return True

    def needs_pose(self, look: Look, seen: PeopleObserved) -> bool:
        """Whether a look without pose turned out to need one after all, because the face moved."""
        return not look.with_pose and bool(seen.faces) and not self._stayed(seen)

    def with_carried_pose(self, seen: PeopleObserved) -> PeopleObserved:
        """The observation with the last pose and look, if the face did not move since; without them otherwise."""
        if self._last is None or not self._stayed(seen):
            return seen
        face = replace(self._last.faces[0], box=seen.faces[0].box, score=seen.faces[0].score)
        return replace(seen, zero=self._last.zero, faces=(face, *seen.faces[1:]))

    def _stayed(self, seen: PeopleObserved) -> bool:
        """Whether the largest face is where it was in the last look."""
        if self._last is None or not self._last.faces or not seen.faces:
            return False
        return _shift(self._last.faces[0], seen.faces[0]) <= MOVED_SHARE

    def carry(self, at: MediaTime) -> PeopleObserved:
        """The last count, for the still picture at `at`.

        Raises:
            ValueError: nothing was observed yet.
        """
        if self._last is None:
            raise ValueError("nothing to carry over: no picture was observed yet")
        return replace(self._last, at=at)

    def looked(self, seen: PeopleObserved, *, thorough: bool, posed: bool) -> None:
        """Take note of what a look found."""
        # Calm has to be earned: a sitting begins as if something had just happened.
        if seen.people != 1 or self._unusual_at is None:
            self._unusual_at = seen.at
        if posed and (self._turned_at is None or _is_turned(seen)):
            self._turned_at = seen.at
        if self._quick_count is not None:
            # People whom only the thorough look sees need it until their number changes.
            self._quick_is_blind = self._quick_count != seen.people
        elif self._last is not None and seen.people != self._last.people:
            self._quick_is_blind = False
        self._quick_count = None
        self._last = seen
        self._looked_at = seen.at
        if thorough:
            self._thorough_at = seen.at
        if posed:
            self._posed_at = seen.at


class IdentitySchedule:
    """Decides when the candidate's face is compared with the enrolment photograph.

    The largest face is followed from look to look. Where the thread breaks (it was gone, jumped, the whole picture
    changed, or one of several people is left) a new track begins, of which nothing is known: it is compared at once and
    again soon, until it is surely the candidate's.
    """

    def __init__(self, analysis: AnalysisPolicy) -> None:
        self._interval = round(analysis.identity_interval_s * NS_PER_S)
        self._last_face: Face | None = None
        self._last_people = 0
        self._due: int | None = None
        self._doubts = 0
        self._unconfirmed = 0
        """Sure checks that the present track still needs."""

    def wants(self, seen: PeopleObserved, change: float | None = None) -> bool:
        """Whether to compare now: on the interval, and when a new track begins.

        `change` is the mean luma change to the previous picture, None when it is unknown.
        """
        face = seen.faces[0] if seen.faces else None
        before, self._last_face = self._last_face, face
        people, self._last_people = self._last_people, seen.people
        if face is None:
            return False
        is_cut = change is not None and change > CUT_LUMA
        one_is_left = people > 1 and seen.people == 1
        if before is None or is_cut or one_is_left or _shift(before, face) > JUMPED_SHARE:
            self._unconfirmed = 0 if self._due is None else NEW_TRACK_CONFIRMATIONS
            self._doubts = 0
            return True
        return self._due is None or self.is_due(seen.at)

    def is_due(self, at: MediaTime) -> bool:
        """Whether the interval since the last comparison is up."""
        return self._due is not None and at >= self._due - GRID_SLACK

    def lose(self) -> None:
        """Take nothing over from the faces so far: the next one is another track."""
        self._last_face = None
        self._last_people = 0

    def compared(self, observed: IdentityObserved) -> None:
        """Take note of the result: a doubtful one, or one of a new track, is repeated soon, some times."""
        doubtful = observed.similarity is None or is_doubtful(observed)
        self._doubts = self._doubts + 1 if doubtful else 0
        if not doubtful:
            self._unconfirmed = max(0, self._unconfirmed - 1)
        most = NEW_TRACK_REPEATS if self._unconfirmed else DOUBT_REPEATS
        soon = self._doubts <= most if doubtful else self._unconfirmed > 0
        self._due = observed.at + (min(DOUBT_EVERY, self._interval) if soon else self._interval)


def is_doubtful(observed: IdentityObserved) -> bool:
    """Whether the models together are less than sure that it is the enrolled face; False when they cannot tell."""
    if observed.similarity is None:
        return False
    second = observed.similarity if observed.second_opinion is None else observed.second_opinion
    return (observed.similarity + second) / 2 < DOUBT_SIMILARITY


def _is_turned(seen: PeopleObserved) -> bool:
    """Whether the largest face or its eyes look away from the candidate's own zero, or its pose cannot be told."""
    face = seen.faces[0] if seen.faces else None
    if face is None or face.pose is None:
        return True
    yaw_deg, pitch_deg = face.pose.yaw_deg, face.pose.pitch_deg
    if seen.zero is not None:
        yaw_deg, pitch_deg = yaw_deg - seen.zero.pose.yaw_deg, pitch_deg - seen.zero.pose.pitch_deg
    looks_away = face.gaze not in (GazeZone.SCREEN, GazeZone.UNKNOWN)
    return looks_away or max(abs(yaw_deg), abs(pitch_deg)) > CALM_ANGLE_DEG


def _elapsed(since: MediaTime | None, at: MediaTime, span: int) -> bool:
    return since is None or at - since >= span - GRID_SLACK


def _shift(before: Face, now: Face) -> float:
    """How far the box's centre moved or its width changed, as a share of its former width."""
    x0, y0, width0, height0 = before.box
    x1, y1, width1, height1 = now.box
    across = abs(x1 + width1 / 2 - x0 - width0 / 2)
    down = abs(y1 + height1 / 2 - y0 - height0 / 2)
    return max(across, down, abs(width1 - width0)) / max(width0, 1.0)
