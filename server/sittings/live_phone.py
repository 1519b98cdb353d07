"""Telephones beside the sittings' own legs: they come late and go early, and the sitting goes on without them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from proctor.domain.media import LinkEvent, LinkState, TrackKind
from proctor.domain.time import MediaTime
from proctor.domain.timeline import EntryKind
from proctor.pipeline.policy import ExamPolicy
from server.rtc.leg import Leg, TrackSnapshot
from server.rtc.negotiation import OfferedTrack
from server.sittings.live_state import RECEIVING_WITHIN_MS, LegMaker, Live, PhoneSide
from server.sittings.results import ResultBook

MOST_PHONE_LEGS: Final = 3
"""Connections of one telephone at once: the one that counts, and tries of a telephone whose network flaps."""


class PhoneLegs:
    """The telephones' legs. All methods run on the event loop.

    Args:
        make_leg: makes the server's end of a connection.
        find: what is kept of a sitting; None when it has no connection and does not run.
        media_now: media time of a sitting now.
        results: hears that a telephone joined or left.
        tell: hears that another leg of a telephone counts now, or none.
    """

    def __init__(
        self,
        *,
        make_leg: LegMaker,
        find: Callable[[str], Live | None],
        media_now: Callable[[Live], MediaTime],
        results: ResultBook,
        tell: Callable[[Live], None],
    ) -> None:
        self._make_leg = make_leg
        self._find = find
        self._media_now = media_now
        self._results = results
        self._tell = tell
        self._closing: set[asyncio.Task[None]] = set()

    async def open(self, sitting_id: str, number: int, offer_sdp: str, mid: str, policy: ExamPolicy) -> str | None:
        """Answer a telephone's offer; its leg becomes the current one when it has connected.

        None when the sitting does not run, or stopped running meanwhile.

        Raises:
            BadSdpError: the offer cannot be read.
            NoAddressError: there is nothing to listen on.
        """
        live = self._find(sitting_id)
        if live is None or live.started_ns is None or not live.runs:
            return None
        side = live.phone
        self._make_room(side)
        leg = self._make_leg(
            number=number,
            key_frame_interval_s=policy.media.key_frame_interval_s,
            on_link=partial(self._link_changed, live, number),
            on_connected=partial(self._connected, live),
            on_closed=partial(self._closed, live),
        )
        side.legs[number] = leg
        leg.begin(live.started_ns)
        for sink in live.sinks:
            leg.add_sink(sink)
        try:
            answer = await leg.answer(offer_sdp, [OfferedTrack(mid=mid, track=TrackKind.PHONE)])
        except BaseException:
            side.legs.pop(number, None)
            raise
        if not live.runs:
            await leg.close()
            return None
        return answer

    async def close(self, sitting_id: str) -> None:
        """Close the sitting's telephone connections."""
        live = self._find(sitting_id)
        if live is not None:
            await asyncio.gather(*(leg.close() for leg in tuple(live.phone.legs.values())))

    def joined(self, sitting_id: str) -> bool:
        """Whether a telephone is connected."""
        live = self._find(sitting_id)
        return live is not None and live.runs and live.phone.is_joined

    def receiving(self, sitting_id: str) -> bool:
        """Whether a telephone's picture arrives."""
        live = self._find(sitting_id)
        track = None if live is None else self.snapshot(live)
        return (
            track is not None and track.last_frame_age_ms is not None and track.last_frame_age_ms < RECEIVING_WITHIN_MS
        )

    def snapshot(self, live: Live) -> TrackSnapshot | None:
        """Figures of the picture track of the telephone that is there; None when there is none."""
        leg = live.phone.current
        return None if leg is None or not live.phone.is_joined else leg.snapshot().tracks[0]

    def _make_room(self, side: PhoneSide) -> None:
        spare = [leg for leg in side.legs.values() if leg is not side.current]
        if len(side.legs) >= MOST_PHONE_LEGS and spare:
            self._close_soon(spare[0])

    def _connected(self, live: Live, leg: Leg) -> None:
        former, live.phone.current = live.phone.current, leg
        if former is not None and former is not leg:
            for sink in live.sinks:
                former.remove_sink(sink)
            self._set_joined(live, former, is_joined=False)
            self._close_soon(former)
        self._set_joined(live, leg, is_joined=True)
        self._tell(live)

    def _link_changed(self, live: Live, number: int, event: LinkEvent) -> None:
        leg = live.phone.current
        if leg is not None and leg.number == number:
            self._set_joined(live, leg, is_joined=event.state is LinkState.RESTORED)

    def _closed(self, live: Live, leg: Leg) -> None:
        live.phone.legs.pop(leg.number, None)
        if live.phone.current is not leg:
            return
        self._set_joined(live, leg, is_joined=False)
        live.phone.current = None
        self._tell(live)

    def _set_joined(self, live: Live, leg: Leg, *, is_joined: bool) -> None:
        if live.phone.is_joined == is_joined:
            return
        live.phone.is_joined = is_joined
        if live.runs:
            kind = EntryKind.PHONE_JOINED if is_joined else EntryKind.PHONE_LEFT
            self._results.note(live.sitting_id, kind, {"leg": leg.number}, self._media_now(live))

    def _close_soon(self, leg: Leg) -> None:
        task = asyncio.create_task(leg.close(), name=f"closing leg {leg.number} of a telephone")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
