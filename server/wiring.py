"""The composition root: the only place that knows which part does what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from proctor.detectors.registry import discover
from proctor.domain.media import TrackKind
from proctor.ports.clock import Clock
from server.accounts.access import CHANGES_AT_ONCE, CHANGES_PER_S
from server.accounts.passwords import Passwords
from server.accounts.repository import AccountRepository
from server.accounts.service import AccountService
from server.accounts.throttle import LoginThrottle
from server.app import create_app
from server.checks.book import CheckBook
from server.checks.checking import Checking
from server.checks.service import CheckService
from server.clock import SystemClock
from server.config import ServerConfig
from server.consent.texts import load_consent
from server.data_lock import hold
from server.db.engine import Database
from server.db.freshness import is_current
from server.diagnostics.schemas import DemoInfo
from server.diagnostics.service import DiagnosticsService
from server.exams.repository import ExamRepository
from server.exams.service import ExamService
from server.identity.service import IdentityService
from server.invigilation.live import LiveSockets
from server.invigilation.projection import Projections
from server.invigilation.repository import InvigilationRepository
from server.invigilation.service import InvigilationService
from server.invigilation.viewers import ViewerBook
from server.pace import Paces
from server.perception.pool import PerceptionPool
from server.phones.repository import PhoneRepository
from server.phones.service import GuidedChecks, PhoneService
from server.phones.states import PhoneStates
from server.policies import PolicyBook
from server.recording.playback import RecordingArchive
from server.recording.recorder import Recorder
from server.recording.repair import repair
from server.review.service import ReviewService
from server.rtc.forwarder import Viewer
from server.rtc.leg import Leg
from server.rtc.network import NetworkSettings
from server.rtc.peer import require_supported_aiortc
from server.schemas import IceServer
from server.sittings.claims import ClaimBook
from server.sittings.conduct import Conduct
from server.sittings.control import ControlSockets
from server.sittings.demands import RoomDemands
from server.sittings.document import DocumentStep
from server.sittings.events import EventBook
from server.sittings.live import LiveSittings
from server.sittings.pages import SittingPages
from server.sittings.repository import SittingRepository
from server.sittings.results import ResultBook
from server.sittings.scheduling import Scheduling
from server.sittings.service import SittingService
from server.steps import Steps
from server.storage.blobs import LocalBlobs
from server.timeline.store import SqlTimelineStore
from server.viewings import Viewings

WEB_DIRECTORY: Final = Path(__file__).parent.parent / "web_client" / "dist"


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything stands on: the database and what is over it, without media."""

    database: Database
    timeline: SqlTimelineStore
    clock: Clock
    policies: PolicyBook
    accounts: AccountService
    exams: ExamService
    sittings: SittingRepository
    scheduling: Scheduling


@asynccontextmanager
async def ground(data: Path, clock: Clock | None = None) -> AsyncIterator[Ground]:
    """Open the database in the data directory, migrated, with accounts and exams; for the server and for commands.

    Raises:
        DataInUseError: another process works on the directory.
        DataUnusableError: it cannot be written.
    """
    clock = clock or SystemClock()
    path = data / "proctor.sqlite3"
    with hold(data):
        await asyncio.to_thread(_migrate, path)
        database = Database(path)
        try:
            async with SqlTimelineStore(database, clock) as timeline:
                policies, sittings = PolicyBook(discover()), SittingRepository(database)
                yield Ground(
                    database=database,
                    timeline=timeline,
                    clock=clock,
                    policies=policies,
                    accounts=AccountService(AccountRepository(database), Passwords(), LoginThrottle(), clock),
                    exams=ExamService(ExamRepository(database), policies, clock),
                    sittings=sittings,
                    scheduling=Scheduling(sittings, timeline, clock),
                )
        finally:
            await database.close()


Seed = Callable[[Ground, SittingService], Coroutine[Any, Any, DemoInfo]]
"""Fills a database before the first request, and says what the first page offers."""


def build(config: ServerConfig, *, seed: Seed | None = None, web_directory: Path = WEB_DIRECTORY) -> FastAPI:
    """The whole server; everything is opened when its lifespan begins and sealed when it ends.

    Raises:
        UnsupportedAiortcError: another aiortc is installed than the one that the media plane is pinned to.
    """
    require_supported_aiortc()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            base = await stack.enter_async_context(ground(config.data))
            await _assemble(stack, config, base, app, seed)
            yield

    return create_app(lifespan, web_directory)


async def _assemble(stack: AsyncExitStack, config: ServerConfig, base: Ground, app: FastAPI, seed: Seed | None) -> None:
    clock, timeline = base.clock, base.timeline
    blobs = LocalBlobs(config.data / "pictures")
    results = ResultBook(timeline, blobs)
    await repair(config.data, timeline)
    # Recorder, pool and live plane call each other: what is not made yet is looked up when it is called.
    parts: dict[str, LiveSittings] = {}

    def request_key_frame(sitting_id: str, track: TrackKind) -> None:
        parts["live"].request_key_frame(sitting_id, track)

    recorder = await stack.enter_async_context(
        Recorder(config.data, results.note, clock, on_key_frame_wanted=request_key_frame)
    )
    pool = PerceptionPool(
        workers=config.workers,
        listener=results.take,
        request_key_frame=request_key_frame,
        models_dir=config.models,
    )
    stack.push_async_callback(pool.stop)
    network = _network(config)
    live = parts["live"] = LiveSittings(
        make_leg=partial(Leg, clock=clock, network=network),
        recorder=recorder,
        pool=pool,
        results=results,
        clock=clock,
    )
    app.state.consent = await asyncio.to_thread(load_consent)
    guided = _guided_checks(stack, base=base, live=live, pool=pool, results=results)
    sittings, conduct = _candidates_side(
        config=config, base=base, app=app, blobs=blobs, live=live, pool=pool, guided=guided
    )
    _watchers_side(stack, config=config, base=base, app=app, blobs=blobs, live=live, network=network, guided=guided)
    app.state.phones = _phones(config=config, base=base, live=live, sittings=sittings, checks=guided.book)
    app.state.gate = app.state.accounts = base.accounts
    app.state.presence = base.accounts.presence
    app.state.paces = Paces(CHANGES_PER_S, CHANGES_AT_ONCE)
    _keep_running(stack, base.accounts.watch(), "log-in watch")
    app.state.exams = base.exams
    await base.exams.load()
    demo = await seed(base, sittings) if seed is not None else None
    diagnostics = DiagnosticsService(
        version=app.version,
        clock=clock,
        loads=pool.loads,
        running=live.running,
        dropped=lambda: (results.pictures_dropped, results.sounds_dropped),
        demo=demo,
    )
    app.state.diagnostics = diagnostics
    _keep_running(stack, diagnostics.probe(), "loop probe")
    await pool.start()  # late, so that loading models does not compete with the way to the first page
    await conduct.recover()
    _keep_running(stack, guided.checking.run(), "checks")
    _keep_running(stack, conduct.watch(), "openings")
    stack.push_async_callback(conduct.stop)


@dataclass(frozen=True, slots=True)
class _Guided:
    """Guided checks, and what they share with those who conduct sittings."""

    book: CheckBook
    checking: Checking
    steps: Steps
    claims: ClaimBook
    pages: SittingPages


def _guided_checks(
    stack: AsyncExitStack, *, base: Ground, live: LiveSittings, pool: PerceptionPool, results: ResultBook
) -> _Guided:
    claims, steps = ClaimBook(base.clock), Steps()
    pages = SittingPages(claims)
    stack.callback(base.timeline.subscribe(pages.hear))
    book = CheckBook(base.timeline, pages.push)
    stack.callback(base.timeline.subscribe(book.hear))
    checking = Checking(
        book=book,
        timeline=base.timeline,
        judges=pool,
        media=live,
        steps=steps,
        clock=base.clock,
        keep_picture=results.keep_picture,
        required_deg=RoomDemands(base.sittings, base.policies).required_deg,
    )
    results.on_check(checking)
    stack.callback(base.timeline.subscribe(checking.hear))
    stack.push_async_callback(checking.stop_all)
    return _Guided(book, checking, steps, claims, pages)


def _candidates_side(  # noqa: PLR0913 - the parts that were made before
    *,
    config: ServerConfig,
    base: Ground,
    app: FastAPI,
    blobs: LocalBlobs,
    live: LiveSittings,
    pool: PerceptionPool,
    guided: _Guided,
) -> tuple[SittingService, Conduct]:
    repository, claims = base.sittings, guided.claims
    conduct = Conduct(
        repository=repository,
        policies=base.policies,
        timeline=base.timeline,
        blobs=blobs,
        claims=claims,
        live=live,
        steps=guided.steps,
        book=guided.book,
        checking=guided.checking,
        clock=base.clock,
        version=app.version,
    )
    sittings = SittingService(
        repository=repository,
        policies=base.policies,
        timeline=base.timeline,
        blobs=blobs,
        claims=claims,
        live=live,
        conduct=conduct,
        pool=pool,
        checks=guided.book,
        clock=base.clock,
        phone_state=PhoneStates(PhoneRepository(base.database), live.phones.joined, base.clock).of,
        consent_version=app.state.consent.version,
        consent_sha256=app.state.consent.sha256,
        ice_servers=_ice_servers(config),
    )
    app.state.sittings = sittings
    app.state.documents = DocumentStep(
        repository=repository,
        policies=base.policies,
        timeline=base.timeline,
        blobs=blobs,
        conduct=conduct,
        pool=pool,
        clock=base.clock,
        hold=sittings.hold,
    )
    app.state.scheduling = base.scheduling
    app.state.control_sockets = ControlSockets(
        sittings=sittings,
        pages=guided.pages,
        events=EventBook(base.timeline, live),
        live=live,
        checks=guided.book,
    )
    return sittings, conduct


def _watchers_side(  # noqa: PLR0913 - the parts that were made before
    stack: AsyncExitStack,
    *,
    config: ServerConfig,
    base: Ground,
    app: FastAPI,
    blobs: LocalBlobs,
    live: LiveSittings,
    network: NetworkSettings,
    guided: _Guided,
) -> None:
    viewers = ViewerBook(partial(Viewer, clock=base.clock, network=network), base.accounts.presence)
    stack.push_async_callback(viewers.close_all)
    live.on_leg_change(viewers.leg_changed)
    projections, repository = Projections(base.timeline), InvigilationRepository(base.database)
    invigilation = InvigilationService(
        repository=repository,
        projections=projections,
        timeline=base.timeline,
        blobs=blobs,
        live=live,
        viewers=viewers,
        checks=guided.book,
        clock=base.clock,
    )
    sockets = LiveSockets(invigilation, projections, live)
    stack.callback(base.timeline.subscribe(sockets.hear))
    guided.book.on_progress(sockets.touch)
    _keep_running(stack, sockets.run(), "live push")
    app.state.invigilation = invigilation
    app.state.live_sockets = sockets
    viewings = Viewings(base.timeline, base.clock)
    app.state.checks = CheckService(
        book=guided.book,
        checking=guided.checking,
        viewings=viewings,
        hold=app.state.sittings.hold,
        name_of=repository.name,
    )
    app.state.identity = IdentityService(timeline=base.timeline, blobs=blobs, viewings=viewings)
    app.state.review = ReviewService(
        archive=RecordingArchive(config.data),
        database=base.database,
        timeline=base.timeline,
        media_now=live.media_now,
        viewings=viewings,
    )


def _phones(
    *, config: ServerConfig, base: Ground, live: LiveSittings, sittings: SittingService, checks: GuidedChecks
) -> PhoneService:
    return PhoneService(
        repository=PhoneRepository(base.database),
        policies=base.policies,
        timeline=base.timeline,
        plane=live.phones,
        clock=base.clock,
        hold=sittings.hold,
        next_leg=base.sittings.next_leg,
        media_now=live.media_now,
        checks=checks,
        ice_servers=_ice_servers(config),
    )


def _keep_running(stack: AsyncExitStack, work: Coroutine[Any, Any, None], name: str) -> None:
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)


def _migrate(path: Path) -> None:
    if not is_current(path):
        from server.db.migrate import migrate  # noqa: PLC0415 - the machinery takes a third of a second to load

        migrate(path)


def _ice_servers(config: ServerConfig) -> list[IceServer]:
    return [
        IceServer(urls=server.urls, username=server.username, credential=server.credential)
        for server in config.ice_servers
    ]


def _network(config: ServerConfig) -> NetworkSettings:
    network = config.network
    return NetworkSettings(
        public_address=network.public_address,
        udp_ports=network.udp_ports,
        bind_addresses=tuple(network.bind_addresses) if network.bind_addresses else None,
        include_loopback=config.media_on_loopback,
    )
