"""The steps of a sitting, as its candidate takes them; what happens at start and finish is in `conduct`."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from proctor.domain.media import TrackKind
from proctor.domain.timeline import Entry, EntryKind, JsonValue
from proctor.ports.blob_store import BlobStore
from proctor.ports.clock import Clock
from proctor.ports.timeline_store import TimelineStore
from server.accounts.access import Caller
from server.checks.book import CheckBook
from server.identity.documents import document_of
from server.identity.photographs import MOST, accepted_photographs, photographs_of
from server.pace import Paces
from server.perception.pool import PerceptionPool
from server.perception.questions import PerceptionUnavailableError
from server.policies import PolicyBook
from server.problems import ProblemError
from server.rtc.negotiation import BadSdpError, OfferedTrack
from server.rtc.peer import NoAddressError
from server.schemas import IceServer, PhoneState
from server.sittings.claims import LEASE_S, ClaimBook
from server.sittings.conduct import Conduct, required_tracks
from server.sittings.live import LiveSittings, TooManyLegsError
from server.sittings.refusals import (
    enough_photographs,
    media_not_arriving,
    not_opened_yet,
    out_of_order,
    refused_photograph,
    too_many,
)
from server.sittings.repository import Sitting, SittingRepository
from server.sittings.schemas import (
    AnswerRequest,
    AnswerSaved,
    ClaimView,
    ConsentRequest,
    EnrolmentView,
    EquipmentRequest,
    LegAnswer,
    LegRequest,
    LegView,
    SittingForCandidate,
)
from server.sittings.states import SittingState, may_follow
from server.sittings.views import is_opening, leg_view, sitting_for_candidate
from server.storage.blobs import picture_key, sha256_of

_BEFORE_START: Final = frozenset({SittingState.CONSENTED, SittingState.CHECKED, SittingState.ENROLLED})
_LEGS_PER_S: Final = 0.5
_LEGS_AT_ONCE: Final = 30
"""A browser whose network flaps tries every few seconds; each try makes the server send checks to its addresses."""
_PHOTOGRAPHS_PER_S: Final = 0.2
_PHOTOGRAPHS_AT_ONCE: Final = 20


class SittingService:
    """What the endpoints of the candidate's side call."""

    def __init__(  # noqa: PLR0913 - everything that a sitting touches
        self,
        *,
        repository: SittingRepository,
        policies: PolicyBook,
        timeline: TimelineStore,
        blobs: BlobStore,
        claims: ClaimBook,
        live: LiveSittings,
        conduct: Conduct,
        pool: PerceptionPool,
        checks: CheckBook,
        clock: Clock,
        phone_state: Callable[[str], Awaitable[PhoneState]],
        consent_version: str,
        consent_sha256: str,
        ice_servers: Sequence[IceServer],
    ) -> None:
        self._repository = repository
        self._policies = policies
        self._timeline = timeline
        self._blobs = blobs
        self._claims = claims
        self._live = live
        self._conduct = conduct
        self._pool = pool
        self._checks = checks
        self._clock = clock
        self._phone_state = phone_state
        self._consent_version = consent_version
        self._consent_sha256 = consent_sha256
        self._ice_servers = tuple(ice_servers)
        self._leg_paces = Paces(_LEGS_PER_S, _LEGS_AT_ONCE)
        self._photograph_paces = Paces(_PHOTOGRAPHS_PER_S, _PHOTOGRAPHS_AT_ONCE)

    async def mine(self, account_id: str) -> list[SittingForCandidate]:
        """A candidate's sittings, open ones first."""
        return [await self._view(sitting) for sitting in await self._repository.of_candidate(account_id)]

    async def view(self, sitting_id: str) -> SittingForCandidate:
        """One sitting."""
        return await self._view(await self._sitting(sitting_id))

    async def claim(self, sitting_id: str, client_id: str, caller: Caller, *, take_over: bool) -> ClaimView:
        """Give the sitting to this tab.

        Raises:
            ProblemError: 409 another tab has it and `take_over` was not asked for.
        """
        if take_over:
            former = self._claims.take_over(sitting_id, client_id)
            if former is not None:
                payload: dict[str, JsonValue] = {"client_id": client_id, "former_client_id": former}
                await self._note(sitting_id, EntryKind.SITTING_TAKEN_OVER, payload)
        elif self._claims.hold(sitting_id, client_id):
            await self._note(
                sitting_id, EntryKind.SITTING_OPENED, {"client_id": client_id, "account_id": caller.account_id}
            )
        return ClaimView(lease_s=LEASE_S)

    async def hold(self, sitting_id: str, client_id: str) -> Sitting:
        """The sitting, which this tab has or gets because no other has it.

        Raises:
            ProblemError: 409 another tab has it.
        """
        sitting = await self._sitting(sitting_id)
        if self._claims.hold(sitting_id, client_id):
            await self._note(sitting_id, EntryKind.SITTING_OPENED, {"client_id": client_id})
        return sitting

    async def consent(self, sitting_id: str, request: ConsentRequest) -> SittingForCandidate:
        """Write the candidate's answer down.

        Raises:
            ProblemError: 409 another version is in force, or the sitting is beyond that step.
        """
        await self.hold(sitting_id, request.client_id)
        async with self._conduct.step(sitting_id):
            await self._answer_consent(await self._sitting(sitting_id), request)
        return await self.view(sitting_id)

    async def open_leg(self, sitting_id: str, request: LegRequest) -> LegAnswer:
        """Connect the tab's media.

        Raises:
            ProblemError: 422 the offer cannot be read, 409 consent is missing or the sitting is over, 429 too many.
        """
        sitting = await self.hold(sitting_id, request.client_id)
        if sitting.state not in _BEFORE_START and sitting.state is not SittingState.RUNNING:
            raise out_of_order(sitting.state)
        if wait_s := self._leg_paces.wait_s(sitting_id):
            raise too_many("too_many_legs", wait_s)
        number = await self._repository.next_leg(sitting_id)
        tracks = [OfferedTrack(mid=offered.mid, track=TrackKind(offered.track)) for offered in request.tracks]
        policy = self._policies.parse_stored(sitting.policy_toml)
        try:
            answer = await self._live.open_leg(sitting_id, number, request.offer_sdp, tracks, policy)
        except BadSdpError as error:
            raise ProblemError(
                422,
                "bad_sdp",
                f"The connection offer cannot be used: {error}",
                remedy="Load the page again; if it happens again, use another browser.",
            ) from error
        except NoAddressError as error:
            raise ProblemError(503, "no_media_address", str(error), remedy="Tell the administrator.") from error
        except TooManyLegsError as error:
            raise too_many("too_many_legs", 1) from error
        await self._drop_if_over(sitting_id, number)
        return LegAnswer(leg=number, answer_sdp=answer)

    async def _drop_if_over(self, sitting_id: str, number: int) -> None:
        """A sitting that was finished while the leg was being answered has no leg."""
        state = (await self._sitting(sitting_id)).state
        if state not in _BEFORE_START and state is not SittingState.RUNNING:
            await self._live.drop_leg(sitting_id, number)
            raise out_of_order(state)

    async def leg(self, sitting_id: str, number: int) -> LegView:
        """What the server has received on a leg.

        Raises:
            ProblemError: 404 the leg has gone.
        """
        snapshot = self._live.leg(sitting_id, number)
        if snapshot is None:
            raise ProblemError(404, "leg_not_found", "This connection has ended.")
        return leg_view(snapshot)

    async def equipment(self, sitting_id: str, request: EquipmentRequest) -> SittingForCandidate:
        """Write the equipment check down; it counts when all is well and media really arrives.

        Raises:
            ProblemError: 409 what is required does not arrive, or the step is out of order.
        """
        await self.hold(sitting_id, request.client_id)
        async with self._conduct.step(sitting_id):
            await self._take_equipment(await self._sitting(sitting_id), request)
        return await self.view(sitting_id)

    async def enrol(self, sitting_id: str, client_id: str, jpeg: bytes, *, further: bool) -> EnrolmentView:
        """Judge and keep an identity photograph; a `further` one is added to those accepted before.

        Raises:
            ProblemError: 422 with the reason, 503 perception is not there, 409 out of order or enough, 429 too many.
        """
        sitting = await self.hold(sitting_id, client_id)
        if sitting.state not in _BEFORE_START:
            raise out_of_order(sitting.state)
        if wait_s := self._photograph_paces.wait_s(sitting_id):
            raise too_many("too_many_photographs", wait_s)
        known = await accepted_photographs(self._timeline, self._blobs, sitting_id) if further else ()
        if len(known) >= MOST:
            raise enough_photographs(MOST)
        try:
            verdict = await self._pool.check_enrolment(jpeg, known)
        except PerceptionUnavailableError as error:
            raise ProblemError(
                503,
                "perception_unavailable",
                "The photograph cannot be checked at the moment.",
                remedy="Try again in a minute.",
            ) from error
        if not verdict.accepted or verdict.face is None:
            reason = verdict.reason or "bad_image"
            await self._timeline.append(sitting_id, EntryKind.ENROLMENT_REFUSED, {"reason": reason}, None)
            raise refused_photograph(reason)
        async with self._conduct.step(sitting_id):
            sha256 = await self._keep_photograph(await self._sitting(sitting_id), jpeg, verdict.face, further=further)
        return EnrolmentView(accepted=True, face=verdict.face, picture_sha256=sha256, photographs=len(known) + 1)

    async def start(self, sitting_id: str, client_id: str) -> SittingForCandidate:
        """Start; asking again while it runs changes nothing.

        Raises:
            ProblemError: 409 names the step that is missing.
        """
        await self.hold(sitting_id, client_id)
        await self._conduct.start(sitting_id)
        return await self.view(sitting_id)

    async def save_answer(self, sitting_id: str, question_id: str, request: AnswerRequest) -> AnswerSaved:
        """Keep an answer.

        Raises:
            ProblemError: 404 no such question, 409 the sitting does not run, or its questions have not opened.
        """
        await self.hold(sitting_id, request.client_id)
        async with self._conduct.step(sitting_id):  # nothing is changed once the sitting is finished
            sitting = await self._sitting(sitting_id)
            if sitting.state is not SittingState.RUNNING:
                raise out_of_order(sitting.state)
            if is_opening(sitting):
                raise not_opened_yet()
            if question_id not in {question["question_id"] for question in sitting.questions}:
                raise ProblemError(404, "question_not_found", "There is no such question in this exam.")
            now = self._clock.now_utc()
            await self._repository.save_answer(sitting_id, question_id, request.text, now)
            payload: dict[str, JsonValue] = {
                "question_id": question_id,
                "sha256": hashlib.sha256(request.text.encode()).hexdigest(),
                "characters": len(request.text),
            }
            await self._note(sitting_id, EntryKind.ANSWER_SAVED, payload)
        return AnswerSaved(saved_at=now)

    async def finish(self, sitting_id: str, client_id: str) -> SittingForCandidate:
        """Finish; asking again changes nothing.

        Raises:
            ProblemError: 409 the sitting has not started.
        """
        sitting = await self._sitting(sitting_id)
        if sitting.state is not SittingState.FINISHED:
            await self.hold(sitting_id, client_id)
            await self._conduct.finish(sitting_id, "candidate")
        return await self.view(sitting_id)

    async def _answer_consent(self, sitting: Sitting, request: ConsentRequest) -> None:
        if sitting.state in (SittingState.CONSENTED, SittingState.REFUSED) and request.accepted == (
            sitting.state is SittingState.CONSENTED
        ):
            return
        if request.version != self._consent_version:
            raise ProblemError(
                409,
                "consent_outdated",
                f"Version {self._consent_version} of the consent text is in force.",
                remedy="Load the page again and read the text in force.",
            )
        state = SittingState.CONSENTED if request.accepted else SittingState.REFUSED
        if not may_follow(sitting.state, state):
            raise out_of_order(sitting.state)
        kind = EntryKind.CONSENT_GIVEN if request.accepted else EntryKind.CONSENT_REFUSED
        payload: dict[str, JsonValue] = {
            "version": request.version,
            "sha256": self._consent_sha256,
            "language": request.language.value,
        }
        await self._timeline.append(sitting.sitting_id, kind, payload, None)
        await self._repository.change(
            sitting.sitting_id, state=state, consent_version=request.version if request.accepted else None
        )

    async def _take_equipment(self, sitting: Sitting, request: EquipmentRequest) -> None:
        if sitting.state not in _BEFORE_START:
            raise out_of_order(sitting.state)
        policy = self._policies.parse_stored(sitting.policy_toml)
        required = required_tracks(policy)
        reported = {check.check.value: check.ok for check in request.checks}
        passed = all(reported.values()) and all(reported.get(track.value, False) for track in required)
        missing = self._conduct.missing(sitting.sitting_id, policy) if passed else []
        payload: dict[str, JsonValue] = {
            "ok": passed and not missing,
            "checks": [check.model_dump(mode="json") for check in request.checks],
            "not_arriving": [track.value for track in missing],
        }
        await self._timeline.append(sitting.sitting_id, EntryKind.EQUIPMENT_CHECKED, payload, None)
        if missing:
            raise media_not_arriving(missing)
        if passed and sitting.state is SittingState.CONSENTED:
            await self._repository.change(sitting.sitting_id, state=SittingState.CHECKED)

    async def _keep_photograph(self, sitting: Sitting, jpeg: bytes, face: Sequence[float], *, further: bool) -> str:
        if sitting.state not in _BEFORE_START:  # it went on while the photograph was being looked at
            raise out_of_order(sitting.state)
        sha256 = sha256_of(jpeg)
        await self._blobs.put(picture_key(sha256), jpeg)
        box: list[JsonValue] = [float(value) for value in face]
        payload: dict[str, JsonValue] = {"picture_sha256": sha256, "face": box, "further": further}
        await self._timeline.append(sitting.sitting_id, EntryKind.ENROLMENT_ACCEPTED, payload, None)
        ready = sitting.state in (SittingState.CHECKED, SittingState.ENROLLED)
        state = SittingState.ENROLLED if ready else sitting.state
        await self._repository.change(sitting.sitting_id, enrolment_sha256=sha256, state=state)
        return sha256

    async def _note(self, sitting_id: str, kind: EntryKind, payload: dict[str, JsonValue]) -> Entry:
        at = self._live.media_now(sitting_id) if self._live.runs(sitting_id) else None
        return await self._timeline.append(sitting_id, kind, payload, at)

    async def _sitting(self, sitting_id: str) -> Sitting:
        sitting = await self._repository.get(sitting_id)
        if sitting is None:
            raise ProblemError(404, "sitting_not_found", "There is no such sitting.")
        return sitting

    async def _view(self, sitting: Sitting) -> SittingForCandidate:
        running = sitting.state is SittingState.RUNNING
        taken = await photographs_of(self._timeline, sitting.sitting_id) if sitting.enrolment_sha256 else ()
        policy = self._policies.parse_stored(sitting.policy_toml)
        asked = policy.steps.identity_document
        return sitting_for_candidate(
            sitting,
            policy,
            answers=await self._repository.answers(sitting.sitting_id) if running else {},
            messages=await self._timeline.read(sitting.sitting_id, kinds=[EntryKind.MESSAGE_SENT]) if running else [],
            check=await self._checks.open_view(sitting.sitting_id) if running else None,
            phone=await self._phone_state(sitting.sitting_id) if running else "none",
            photographs=sum(photograph.compared for photograph in taken),
            document=(await document_of(self._timeline, sitting.sitting_id)).state if asked else None,
            ice_servers=self._ice_servers,
            now=self._clock.now_utc(),
        )
