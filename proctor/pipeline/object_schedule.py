"""When objects are looked for: every now and then, and quickly for a while after something has changed.

A look costs ten times what a face costs. Rules vote over several looks, so that what has just come into the picture, a
telephone or a second person, is looked at again soon; what stays there does not keep the quick pace up. Something new
that stays near the candidate's face is looked at at once, and once again; what it is, those looks tell. Where no
telephone is seen then, the place is looked at enlarged, and what is found there only so is looked for so again. A
telephone that has just been seen gets the looks that its rule's vote takes, whatever else the minute has cost.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import Final

from proctor.analyzers.coco import BOOK, LAPTOP, PERSON, PHONE, SCREEN
from proctor.analyzers.newcomer import NewcomerWatch
from proctor.analyzers.objects import SURE_SCORE
from proctor.analyzers.people import part_of
from proctor.domain.observations import Box, ObjectSeen, ObjectsObserved, Observation
from proctor.domain.time import NS_PER_S, MediaTime
from proctor.pipeline.moment import SLACK, Moment

CALM_EVERY: Final = 12 * NS_PER_S
STILL_EVERY: Final = 36 * NS_PER_S
"""As long as nothing larger has moved in the picture since the last look: no object comes by itself, and what comes
near the candidate is looked at at once. Below the 40 s for which rules believe a look."""
QUICK_EVERY: Final = 1_500_000_000
FACELESS_EVERY: Final = 4 * NS_PER_S
"""Where fewer faces than bodies are seen, or none, somebody may stand there with the back to the camera, or leave."""
THINNED_EVERY: Final = 30 * NS_PER_S
QUICK_FOR: Final = 6 * NS_PER_S
"""The quick pace goes on for this long after a change."""
MOST_QUICK_LOOKS: Final = 10
"""In any minute: a picture in which something changes all the time must not cost as much as a look at each."""
MOST_NEWCOMERS: Final = 4
"""In any minute, looks because something new has come: who fidgets must not cost as much as a look at each posture."""
STAYS: Final = 0.5
"""A telephone of whose box more is where it was looked for is still there; of one in a cover only the end is boxed."""
VOTES: Final = 4
"""Looks that follow at the quick pace when a telephone has been seen that the look before did not show. With the first
they are more than any rule of the default policy needs, and span more than its dwell."""
MOST_VOTES: Final = 12
"""In any minute, such looks: what is now taken for a telephone and now not must not cost as much as a look at each."""
MINUTE: Final = 60 * NS_PER_S
MOVING_LUMA: Final = 3.0
"""Mean luma change from which somebody moves in a picture without a face."""
LOOKING_DOWN_DEG: Final = -20.0
"""Who looks further down than this may be reading what lies on the table."""
NOTED: Final = frozenset({PHONE, BOOK, LAPTOP, SCREEN, PERSON})
NOTED_SCORE: Final = 0.45


class ObjectSchedule:
    """The schedule of the sense `objects` for one track of one sitting."""

    def __init__(self) -> None:
        self._looked_at: MediaTime | None = None
        self._has_moved = False
        self._quick_until: int | None = None
        self._quick_looks: deque[MediaTime] = deque()
        self._people: int | None = None
        self._was_down = False
        self._seen: Counter[str] | None = None
        self._watch = NewcomerWatch()
        self._newcomers: deque[MediaTime] = deque()
        self._votes = 0
        """Looks that the telephone just seen still gets."""
        self._voted: deque[MediaTime] = deque()
        self._place: Box | None = None
        """Where to look enlarged if no telephone is seen: where something has come, or was found by looking so."""

    def wants(self, moment: Moment) -> bool:
        """Whether to look at this picture."""
        if self._has_changed(moment):
            self._quick_until = moment.at + QUICK_FOR
        if self._looked_at is None:
            return True
        self._has_moved = self._has_moved or moment.has_movement
        has_come = self._has_come(moment)
        since = moment.at - self._looked_at + SLACK
        if since < self._pace(moment):
            if not has_come or since < QUICK_EVERY or moment.is_thinned:
                return False
            if not _may_look(self._newcomers, moment.at, MOST_NEWCOMERS):
                return False
            self._newcomers.append(moment.at)
        if has_come and self._place is None and not moment.is_thinned:
            self._place = self._watch.place
        return True

    def doubtful_place(self, observed: Observation | None) -> Box | None:
        """Where to look enlarged once more, in pixels of the picture just looked at; None where there is no need."""
        phone = _surest_phone(observed)
        return None if phone is not None and phone.score >= SURE_SCORE else self._place

    def looked(self, moment: Moment, observed: Observation | None) -> None:
        """Take note; other objects than in the last look are reason enough to look again soon."""
        if self._looked_at is not None and moment.at - self._looked_at < FACELESS_EVERY - SLACK:
            (self._voted if self._votes else self._quick_looks).append(moment.at)
        self._looked_at = moment.at
        self._has_moved = False
        if not isinstance(observed, ObjectsObserved):
            return
        self._vote(observed)
        seen = Counter(each.label for each in observed.objects if each.label in NOTED and each.score >= NOTED_SCORE)
        before, self._seen = self._seen, seen
        if before != seen and (before is not None or seen - Counter({PERSON: 1})):
            self._quick_until = moment.at + QUICK_FOR

    def _vote(self, observed: ObjectsObserved) -> None:
        """Keep to a telephone's place as long as looks show it there; one that is new gets the looks of its vote."""
        phone = _surest_phone(observed)
        saw_phone = self._seen is not None and self._seen[PHONE] > 0
        is_first = phone is not None and not saw_phone and not self._votes
        self._votes = VOTES if is_first else max(0, self._votes - 1)
        if phone is not None and (self._place is None or part_of(phone.box, self._place) < STAYS):
            self._place = phone.box
        elif phone is None and not self._votes:
            self._place = None

    def _pace(self, moment: Moment) -> int:
        if moment.is_thinned:
            return THINNED_EVERY
        if self._votes and _may_look(self._voted, moment.at, MOST_VOTES):
            return QUICK_EVERY
        is_quick = self._quick_until is not None and moment.at <= self._quick_until
        if is_quick and _may_look(self._quick_looks, moment.at, MOST_QUICK_LOOKS):
            return QUICK_EVERY
        if self._may_hide_a_face(moment):
            return FACELESS_EVERY
        return CALM_EVERY if self._has_moved else STILL_EVERY

    def _has_come(self, moment: Moment) -> bool:
        if moment.plane is None or moment.face is None:
            return False
        return self._watch.has_come(moment.at, moment.plane, moment.face.box, moment.size)

    def _has_changed(self, moment: Moment) -> bool:
        """Whether there are more or fewer people, somebody without a face moves, or a head has just been lowered."""
        if moment.people is None:
            return False
        pose = None if moment.face is None else moment.face.pose
        is_down = self._was_down if pose is None else pose.pitch_deg < LOOKING_DOWN_DEG
        people = moment.people.people
        stirs = people == 0 and moment.change is not None and moment.change > MOVING_LUMA
        changed = (self._people is not None and people != self._people) or (is_down and not self._was_down) or stirs
        self._people, self._was_down = people, is_down
        return changed

    def _may_hide_a_face(self, moment: Moment) -> bool:
        """Whether there is no face, or the last look saw more bodies than there are faces."""
        if moment.people is None:
            return False
        bodies = 0 if self._seen is None else self._seen[PERSON]
        return not moment.people.faces or bodies > len(moment.people.faces)


def _surest_phone(observed: Observation | None) -> ObjectSeen | None:
    """The surest telephone among what was seen and is sure enough to be noted."""
    seen = observed.objects if isinstance(observed, ObjectsObserved) else ()
    phones = [each for each in seen if each.label == PHONE and each.score >= NOTED_SCORE]
    return max(phones, key=lambda each: each.score, default=None)


def _may_look(looks: deque[MediaTime], at: MediaTime, most: int) -> bool:
    """Whether there were fewer than that many looks in the last minute; forgets older ones."""
    while looks and at - looks[0] > MINUTE:
        looks.popleft()
    return len(looks) < most
