"""A telephone joins a running sitting by a QR code's secret, is watched, recorded, lost, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from proctor.domain.media import TrackKind
from server.rtc.pump_source import PumpSource
from tests.integration.rtc.rtc_rig import Watcher, until
from tests.integration.server.phoning import Telephone, phone_film, secret_of
from tests.integration.server.serving import Json, Person, RunningServer, receive, serving
from tests.integration.server.taking import TAB, WITHOUT_IDENTITY, Taking, filmed
from tests.integration.server.test_serving_live_view import ViewerFarAway
from tests.media.scenes import Scene, Shot

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.live]

WORKER_LIMIT_S = 90
"""A worker loads its models first, and looks for people and things at the end of a scan."""


class PhoneWatcher(Watcher):
    """A live view of the computer's camera and the telephone's."""

    KINDS = (TrackKind.CAMERA, TrackKind.PHONE)  # type: ignore[assignment]


@asynccontextmanager
async def begun(server: RunningServer, source: PumpSource) -> AsyncIterator[Taking]:
    """A sitting that runs."""
    exam_id = await server.make_exam(WITHOUT_IDENTITY)
    taking = Taking(server["candidate"], await server.schedule("candidate", exam_id))
    await taking.consent()
    async with taking.connected(source):
        await taking.check_equipment()
        await taking.step("start")
        yield taking


async def invite(taking: Taking) -> Json:
    return await taking.step("phone")


async def phone_state(taking: Taking) -> str:
    view = await taking.person.ask("GET", f"{taking.path}/candidate")
    return str(view["phone"]["state"])


async def entries(person: Person, taking: Taking) -> list[Json]:
    page: Json = await person.ask("GET", f"{taking.path}/timeline?limit=1000")
    return list(page["entries"])


async def kinds(person: Person, taking: Taking, prefix: str) -> list[tuple[str, Json]]:
    return [(entry["kind"], entry["payload"]) for entry in await entries(person, taking) if prefix in entry["kind"]]


async def eventually(holds: Callable[[], Awaitable[bool]], timeout_s: float = 8) -> None:
    async with asyncio.timeout(timeout_s):
        while not await holds():  # noqa: ASYNC110 - what is waited for lies beyond a socket
            await asyncio.sleep(0.05)


async def becomes(taking: Taking, state: str) -> None:
    async def is_there() -> bool:
        return await phone_state(taking) == state

    await eventually(is_there)


async def arrives(telephone: Telephone) -> None:
    async def is_receiving() -> bool:
        return bool((await telephone.status()).json().get("receiving"))

    await eventually(is_receiving)


MakeTelephone = Callable[..., Telephone]


@pytest_asyncio.fixture(loop_scope="session")
async def telephones() -> AsyncIterator[MakeTelephone]:
    async with AsyncExitStack() as stack:

        def make(url: str, secret: str | None = None, key: str | None = None) -> Telephone:
            telephone = Telephone(url, secret, key)
            stack.push_async_callback(telephone.client.aclose)
            return telephone

        yield make


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[PumpSource, PumpSource]:
    folder = tmp_path_factory.mktemp("films")
    return filmed(folder / "computer.webm", Shot(Scene.PRESENT, 3)), phone_film(folder / "phone.webm")


async def test_a_telephone_is_watched_recorded_lost_and_comes_back(
    shared_server: RunningServer, films: tuple[PumpSource, PumpSource], telephones: MakeTelephone
) -> None:
    computer, phone = films
    invigilator = shared_server["invigilator"]
    watcher = PhoneWatcher()
    seen = watcher.frames
    async with begun(shared_server, computer) as taking:
        assert await phone_state(taking) == "none"
        invitation = await invite(taking)
        assert invitation["url"].startswith(f"{shared_server.url}/phone#")
        assert invitation["obstacle"] == "loopback"
        assert invitation["svg"].startswith("<svg")
        assert await phone_state(taking) == "invited"
        telephone = telephones(shared_server.url, secret_of(invitation))
        door = await telephone.post("invitation")
        assert door.json()["exam_title"]["en"] == "Exam"
        async with taking.person.socket(f"{taking.path}/control?client_id={TAB}") as control:
            async with telephone.sending(phone):
                assert await receive(control, "phone") == {"type": "phone", "joined": True}
                assert await phone_state(taking) == "joined"
                await watcher.watch(ViewerFarAway(invigilator, taking.path))  # type: ignore[arg-type]
                await until(lambda: len(seen[TrackKind.PHONE]) > 10 and len(seen[TrackKind.CAMERA]) > 10)
                assert (await telephone.status()).json() == {"receiving": True, "check": None, "progress": None}
                recording = await receive(control, "recording")
                assert {"camera", "microphone", "phone"} <= {track["track"] for track in recording["tracks"]}
            assert await receive(control, "phone") == {"type": "phone", "joined": False}
        summary = await invigilator.ask("GET", taking.path)
        assert (summary["connection"], summary["phone_joined"]) == ("ok", False)
        before = len(seen[TrackKind.PHONE])
        async with telephone.sending(phone):
            await until(lambda: len(seen[TrackKind.PHONE]) > before + 10)
            assert (await invigilator.ask("GET", taking.path))["phone_joined"] is True
            await taking.step("finish")
        assert (await telephone.status()).json()["code"] == "phone_not_invited"
    await watcher.close()

    told = await kinds(invigilator, taking, "phone_")
    assert [kind for kind, _ in told] == ["phone_invited", "phone_joined", "phone_left", "phone_joined"]
    assert [payload["leg"] for _, payload in told[1:]] == [2, 2, 3]
    assert not await kinds(invigilator, taking, "link_event")
    secrets = f"{telephone.secret} {telephone.key}".split()
    assert not [entry for entry in await entries(invigilator, taking) if any(word in str(entry) for word in secrets)]
    await is_played(shared_server["committee"], taking)


async def is_played(committee: Person, taking: Taking) -> None:
    manifest: Json = await committee.ask("GET", f"{taking.path}/recording")
    tracks = {track["track"]: track for track in manifest["tracks"]}
    phone = tracks["phone"]
    assert phone["start_ms"] > tracks["camera"]["start_ms"]
    assert phone["gaps"]
    assert 0 < phone["recorded_ms"] < tracks["camera"]["recorded_ms"]
    played = await committee.get(phone["url"])
    assert played.status_code == 200
    assert len(played.content) > 10_000
    sealed = [payload["track"] for _, payload in await kinds(committee, taking, "segment_sealed")]
    assert sealed.count("phone") == 2


async def test_a_telephone_stays_when_the_computer_connects_anew(
    shared_server: RunningServer, films: tuple[PumpSource, PumpSource], telephones: MakeTelephone
) -> None:
    computer, phone = films
    invigilator = shared_server["invigilator"]
    async with begun(shared_server, computer) as taking:
        telephone = telephones(shared_server.url, secret_of(await invite(taking)))
        async with telephone.sending(phone):
            await becomes(taking, "joined")
            async with taking.connected(computer):
                assert taking.leg == 3
                assert (await telephone.status()).json()["receiving"] is True
                await taking.step("finish")
    assert [kind for kind, _ in await kinds(invigilator, taking, "phone_")] == ["phone_invited", "phone_joined"]


async def test_a_secret_is_for_one_telephone(
    shared_server: RunningServer, films: tuple[PumpSource, PumpSource], telephones: MakeTelephone
) -> None:
    computer, phone = films
    async with begun(shared_server, computer) as taking:
        first, second = secret_of(await invite(taking)), secret_of(await invite(taking))
        replaced, telephone = telephones(shared_server.url, first), telephones(shared_server.url, second)
        assert (await replaced.post("invitation")).status_code == 404
        refused = await telephone.post("legs", offer_sdp="v=0", mid="0")
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_sdp")
        async with telephone.sending(phone):
            late = telephones(shared_server.url, second)
            answer = await late.post("legs", offer_sdp="v=0", mid="0")
            assert (answer.status_code, answer.json()["code"]) == (404, "phone_not_invited")
            await becomes(taking, "joined")

            following = telephones(shared_server.url, secret_of(await invite(taking)))
            assert await phone_state(taking) == "joined"
            async with following.sending(phone):
                await until(lambda: following.leg > 0)
                assert (await telephone.status()).status_code == 404
                await arrives(following)
                await taking.step("finish")
    told = [kind for kind, _ in await kinds(shared_server["invigilator"], taking, "phone_")]
    assert told.count("phone_joined") == 2


async def test_a_check_in_front_of_a_telephone_is_told_to_it(
    shared_server: RunningServer, films: tuple[PumpSource, PumpSource], telephones: MakeTelephone
) -> None:
    computer, phone = films
    invigilator = shared_server["invigilator"]
    async with begun(shared_server, computer) as taking:
        telephone = telephones(shared_server.url, secret_of(await invite(taking)))
        async with telephone.sending(phone):
            await arrives(telephone)
            asked = await invigilator.ask("POST", f"{taking.path}/checks", {"check": "room_scan"})
            step = f"{taking.path}/checks/{asked['check_id']}"
            told = (await telephone.status()).json()
            assert (told["check"]["state"], told["progress"]) == ("asked", None)

            async def begins() -> bool:
                body = {"client_id": TAB, "track": "phone"}
                return (await taking.person.send("POST", f"{step}/begin", body)).status_code != 503

            async def is_led() -> bool:
                progress = (await telephone.status()).json()["progress"]
                return progress is not None and bool(progress["hints"])

            async def has_ended() -> bool:
                return bool((await telephone.status()).json()["check"]["state"] == "ended")

            await eventually(begins, WORKER_LIMIT_S)
            await eventually(is_led, WORKER_LIMIT_S)
            await taking.person.ask("POST", f"{step}/stop", {"client_id": TAB})
            await eventually(has_ended, WORKER_LIMIT_S)
            told = (await telephone.status()).json()
            assert told["check"]["track"] == "phone"
            assert told["progress"] is None
            await taking.step("finish")


async def test_a_telephone_is_sent_away(
    shared_server: RunningServer, films: tuple[PumpSource, PumpSource], telephones: MakeTelephone
) -> None:
    computer, phone = films
    async with begun(shared_server, computer) as taking:
        telephone = telephones(shared_server.url, secret_of(await invite(taking)))
        async with telephone.sending(phone):
            await becomes(taking, "joined")
            await telephone.post("leave")
            await becomes(taking, "none")
        async with telephone.sending(phone):
            await becomes(taking, "joined")
            await taking.person.ask("DELETE", f"{taking.path}/phone?client_id={TAB}")
            assert await phone_state(taking) == "none"
            assert (await telephone.status()).status_code == 404
            assert (await telephone.post("legs", offer_sdp="v=0", mid="0")).status_code == 404
        await taking.step("finish")
    assert await taking.refused("phone") == (409, "not_running")


async def test_a_telephone_comes_back_after_a_restart_of_the_server(
    tmp_path: Path, films: tuple[PumpSource, PumpSource], telephones: MakeTelephone
) -> None:
    computer, phone = films
    async with serving(tmp_path) as server, begun(server, computer) as taking:
        telephone = telephones(server.url, secret_of(await invite(taking)))
        async with telephone.sending(phone):
            await becomes(taking, "joined")

    async with serving(tmp_path) as server:
        back = telephones(server.url, key=telephone.key)
        resumed = Taking(server["candidate"], taking.path.rsplit("/", 1)[1])
        async with resumed.connected(computer), back.sending(phone):
            await becomes(resumed, "joined")
            await resumed.step("finish")
        told = [kind for kind, _ in await kinds(server["invigilator"], resumed, "phone_")]
        assert told.count("phone_joined") == 2
