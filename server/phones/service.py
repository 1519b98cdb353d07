"""What the telephone's endpoints call: the secret of an invitation, or the key given for it, is the authority."""

from __future__ import annotations

import asyncio
import hashlib
import io
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from ipaddress import ip_address
from typing import Final, Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import segno
import structlog

from proctor.domain.media import TrackKind
from proctor.domain.time import NS_PER_S, MediaTime
from proctor.domain.timeline import EntryKind
from proctor.pipeline.policy import ExamPolicy
from proctor.ports.clock import Clock
from proctor.ports.timeline_store import TimelineStore
from server.checks.schemas import CheckProgressMessage, CheckState, CheckView
from server.pace import Paces
from server.phones.refusals import bad_offer, no_address, not_invited, not_running, too_many
from server.phones.repository import PhoneRepository, PhoneRow
from server.phones.schemas import (
    Obstacle,
    PhoneDoor,
    PhoneInvitation,
    PhoneLegAnswer,
    PhoneLegRequest,
    PhonePass,
    PhoneStatus,
)
from server.policies import PolicyBook
from server.rtc.negotiation import BadSdpError
from server.rtc.peer import NoAddressError
from server.schemas import IceServer, LocalizedText, MediaView

log = structlog.get_logger(__name__)

VALID_FOR: Final = timedelta(minutes=10)
_SECRET_BYTES: Final = 32
_RUNNING: Final = "running"
_QR_SCALE: Final = 6
_QR_QUIET: Final = 4
"""Modules of white around the code, as its standard asks for."""
_INVITATIONS_PER_S: Final = 0.2
_INVITATIONS_AT_ONCE: Final = 20
_LEGS_PER_S: Final = 0.5
_LEGS_AT_ONCE: Final = 10
_ASKS_PER_S: Final = 5.0
_ASKS_AT_ONCE: Final = 100
"""Of one sitting's telephone, whose page asks twice a second at most."""
_MISSES_PER_S: Final = 0.2
_MISSES_AT_ONCE: Final = 60
"""Unknown secrets and keys from one address; those that are known do not count, for a whole university shares one."""


class PhonePlane(Protocol):
    """The telephones' connections of all sittings."""

    async def open(self, sitting_id: str, number: int, offer_sdp: str, mid: str, policy: ExamPolicy) -> str | None:
        """The answer to an offer; None when the sitting does not run any more."""
        ...

    async def close(self, sitting_id: str) -> None:
        """Close the sitting's telephone connections."""
        ...

    def joined(self, sitting_id: str) -> bool:
        """Whether a telephone is connected."""
        ...

    def receiving(self, sitting_id: str) -> bool:
        """Whether its picture arrives."""
        ...


class GuidedChecks(Protocol):
    """The guided checks of all sittings."""

    async def latest(self, sitting_id: str) -> CheckView | None:
        """The sitting's latest check as its candidate sees it; None when there is none."""
        ...

    def progress(self, sitting_id: str) -> CheckProgressMessage | None:
        """How the check goes that has begun; None when none has, or nothing is known yet."""
        ...


class PhoneService:
    """Invitations, connections by secret or key, and what a telephone's page is told."""

    def __init__(  # noqa: PLR0913 - everything that a telephone touches
        self,
        *,
        repository: PhoneRepository,
        policies: PolicyBook,
        timeline: TimelineStore,
        plane: PhonePlane,
        clock: Clock,
        hold: Callable[[str, str], Awaitable[object]],
        next_leg: Callable[[str], Awaitable[int]],
        media_now: Callable[[str], MediaTime],
        checks: GuidedChecks,
        ice_servers: Sequence[IceServer],
    ) -> None:
        self._repository = repository
        self._policies = policies
        self._timeline = timeline
        self._plane = plane
        self._clock = clock
        self._hold = hold
        self._next_leg = next_leg
        self._media_now = media_now
        self._checks = checks
        self._ice_servers = tuple(ice_servers)
        self._invitations = Paces(_INVITATIONS_PER_S, _INVITATIONS_AT_ONCE, self._now_s)
        self._legs = Paces(_LEGS_PER_S, _LEGS_AT_ONCE, self._now_s)
        self._asks = Paces(_ASKS_PER_S, _ASKS_AT_ONCE, self._now_s)
        self._misses = Paces(_MISSES_PER_S, _MISSES_AT_ONCE, self._now_s)
        self._changing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def invite(self, sitting_id: str, client_id: str, origin: str) -> PhoneInvitation:
        """Make a secret for one telephone in place of the one before.

        Raises:
            ProblemError: 409 the sitting does not run, or is open in another tab; 429 too many.
        """
        await self._hold(sitting_id, client_id)
        if await self._repository.state(sitting_id) != _RUNNING:
            raise not_running()
        if wait_s := self._invitations.wait_s(sitting_id):
            raise too_many(wait_s)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        expires_at = self._clock.now_utc() + VALID_FOR
        async with self._lock(sitting_id):
            await self._repository.invite(sitting_id, _sha256(secret), expires_at)
        await self._timeline.append(sitting_id, EntryKind.PHONE_INVITED, {}, self._media_now(sitting_id))
        url = f"{origin}/phone#{secret}"
        return PhoneInvitation(url=url, svg=qr_code(url), expires_at=expires_at, obstacle=obstacle(origin))

    async def dismiss(self, sitting_id: str, client_id: str) -> None:
        """Send the telephone away; neither the invitation nor its key opens anything any more.

        Raises:
            ProblemError: 409 the sitting is open in another tab.
        """
        await self._hold(sitting_id, client_id)
        async with self._lock(sitting_id):
            await self._repository.dismiss(sitting_id)
            await self._plane.close(sitting_id)

    async def look(self, shown: PhonePass, address: str) -> PhoneDoor:
        """What the telephone's page says before anything is sent.

        Raises:
            ProblemError: 404 nobody was invited by this, or not any more; 429 too many unknown ones.
        """
        row = await self._admit(shown, address)
        media = self._policies.parse_stored(row.policy_toml).media
        return PhoneDoor(
            exam_title=LocalizedText.model_validate(row.title),
            media=MediaView.model_validate(media.model_dump()),
            ice_servers=list(self._ice_servers),
        )

    async def open_leg(self, request: PhoneLegRequest, address: str) -> PhoneLegAnswer:
        """Connect the telephone; the secret is used up when its connection has been answered, not before.

        Raises:
            ProblemError: 404 nobody was invited by this, 422 the offer cannot be used, 429 too many.
        """
        sitting_id = (await self._admit(request, address)).sitting_id
        async with self._lock(sitting_id):
            row = await self._admit(request, address)  # another device may have been quicker
            if wait_s := self._legs.wait_s(sitting_id):
                raise too_many(wait_s)
            number = await self._next_leg(sitting_id)
            answer = await self._answer(row, number, request)
            key = request.phone_key
            if key is None:
                key = secrets.token_urlsafe(_SECRET_BYTES)
                await self._repository.join(sitting_id, _sha256(key))
        log.info("phone_answered", sitting=sitting_id, leg=number)
        return PhoneLegAnswer(leg=number, answer_sdp=answer, phone_key=key)

    async def leave(self, phone_key: str, address: str) -> None:
        """The telephone stops sending; nothing happens when its sitting is over.

        Raises:
            ProblemError: 404 the key is not known.
        """
        row = await self._admit(PhonePass(phone_key=phone_key), address)
        await self._plane.close(row.sitting_id)

    async def status(self, phone_key: str, address: str) -> PhoneStatus:
        """How it stands.

        Raises:
            ProblemError: 404 the key is not known, or its sitting is over.
        """
        row = await self._admit(PhonePass(phone_key=phone_key), address)
        check = await self._checks.latest(row.sitting_id)
        is_here = check is not None and check.state is CheckState.BEGUN and check.track is TrackKind.PHONE
        return PhoneStatus(
            receiving=self._plane.receiving(row.sitting_id),
            check=check,
            progress=self._checks.progress(row.sitting_id) if is_here else None,
        )

    async def _answer(self, row: PhoneRow, number: int, request: PhoneLegRequest) -> str:
        policy = self._policies.parse_stored(row.policy_toml)
        try:
            answer = await self._plane.open(row.sitting_id, number, request.offer_sdp, request.mid, policy)
        except BadSdpError as error:
            raise bad_offer(error) from error
        except NoAddressError as error:
            raise no_address(error) from error
        if answer is None:
            raise not_invited()
        return answer

    async def _admit(self, shown: PhonePass, address: str) -> PhoneRow:
        """The row that the secret or the key opens, of a sitting that runs."""
        if shown.phone_key is not None:
            row = await self._repository.by_key(_sha256(shown.phone_key))
            is_good = row is not None
        else:
            row = await self._repository.by_secret(_sha256(shown.secret or ""))
            is_good = row is not None and row.is_open(self._clock.now_utc())
        if row is not None and is_good and row.state == _RUNNING:
            if wait_s := self._asks.wait_s(row.sitting_id):
                raise too_many(wait_s)
            return row
        if wait_s := self._misses.wait_s(address):
            raise too_many(wait_s)
        raise not_invited()

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / NS_PER_S

    def _lock(self, sitting_id: str) -> asyncio.Lock:
        return self._changing.setdefault(sitting_id, asyncio.Lock())


def qr_code(url: str) -> str:
    """SVG of `url`, dark on white so that it can be read from a dark page as well."""
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, nl=False, scale=_QR_SCALE, border=_QR_QUIET, dark="#000", light="#fff"
    )
    return drawn.getvalue().decode()


def obstacle(origin: str) -> Obstacle | None:
    """Why a telephone could not send its picture to a page at `origin`."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    try:
        is_loopback = ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost" or host.endswith(".localhost")
    if is_loopback:
        return "loopback"
    return None if parts.scheme == "https" else "not_https"


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
