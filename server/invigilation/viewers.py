"""Live views that invigilators have open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from proctor.domain.media import TrackKind
from server.accounts.access import Caller
from server.identifiers import new_identifier
from server.presence import Presence
from server.problems import ProblemError
from server.rtc.forwarder import Viewer
from server.rtc.leg import Leg
from server.rtc.negotiation import BadSdpError
from server.rtc.peer import NoAddressError

_MOST_PER_ACCOUNT: Final = 40


class ViewerMaker(Protocol):
    """Makes the server's end of a live view."""

    def __call__(self, on_closed: Callable[[Viewer], None]) -> Viewer:
        """A new, unconnected viewer."""
        ...


@dataclass(frozen=True, slots=True)
class _Open:
    viewer: Viewer
    sitting_id: str
    account_id: str
    forget: Callable[[], None] = field(repr=False)
    """The log-in does not hold the view open any more."""


class ViewerBook:
    """Opens and closes views, and moves them to a sitting's new leg; a view ends with the log-in that opened it."""

    def __init__(self, make_viewer: ViewerMaker, presence: Presence) -> None:
        self._make_viewer = make_viewer
        self._presence = presence
        self._open: dict[str, _Open] = {}

    async def open(  # noqa: PLR0913, PLR0917 - who watches what, and where it comes from
        self,
        sitting_id: str,
        caller: Caller,
        offer_sdp: str,
        tracks: Sequence[TrackKind],
        leg: Leg | None,
        phone: Leg | None,
    ) -> tuple[str, str]:
        """Identifier of the view and the answer.

        Raises:
            ProblemError: 422 the offer cannot be used, 409 the account has too many views open.
        """
        if sum(view.account_id == caller.account_id for view in self._open.values()) >= _MOST_PER_ACCOUNT:
            raise ProblemError(
                409, "too_many_viewers", "Too many live views are open.", remedy="Close some of them and try again."
            )
        viewer_id = new_identifier()
        viewer = self._make_viewer(on_closed=lambda _: self._forget(viewer_id))
        forget = self._presence.opened(caller.login_sha256, caller.account_id, viewer.close)
        self._open[viewer_id] = _Open(viewer, sitting_id, caller.account_id, forget)
        try:
            answer = await viewer.answer(offer_sdp, tracks)
        except BadSdpError as error:
            self._forget(viewer_id)
            raise ProblemError(
                422, "bad_sdp", f"The connection offer cannot be used: {error}", remedy="Load the page again."
            ) from error
        except NoAddressError as error:
            self._forget(viewer_id)
            raise ProblemError(503, "no_media_address", str(error), remedy="Tell the administrator.") from error
        viewer.watch(leg, phone)
        return viewer_id, answer

    async def close(self, viewer_id: str, account_id: str) -> None:
        """End the account's own view.

        Raises:
            ProblemError: 404 there is no such view of this account.
        """
        view = self._open.get(viewer_id)
        if view is None or view.account_id != account_id:
            raise ProblemError(404, "viewer_not_found", "This live view has ended.")
        await view.viewer.close()

    def leg_changed(self, sitting_id: str, leg: Leg | None, phone: Leg | None) -> None:
        """Show the sitting's new leg, or its telephone's, in all its views."""
        for view in self._open.values():
            if view.sitting_id == sitting_id:
                view.viewer.watch(leg, phone)

    async def close_all(self) -> None:
        """The server stops."""
        await asyncio.gather(*(view.viewer.close() for view in tuple(self._open.values())))

    def _forget(self, viewer_id: str) -> None:
        view = self._open.pop(viewer_id, None)
        if view is not None:
            view.forget()
