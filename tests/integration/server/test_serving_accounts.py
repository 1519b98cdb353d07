"""Log-in, log-out, throttling, and what the administrator does."""

from __future__ import annotations

import httpx
import pytest

from server.accounts.access import LOGIN_COOKIE
from server.protection import page_policy
from tests.integration.server.serving import PASSWORD, RunningServer, log_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def post_log_in(running: RunningServer, email: str, password: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=running.url, headers={"X-Proctor": "1"}, trust_env=False) as client:
        return await client.post("/api/login", json={"email": email, "password": password})


async def test_logging_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(shared_server: RunningServer) -> None:
    response = await post_log_in(shared_server, " Candidate@TEST.local ", PASSWORD)

    assert response.json()["role"] == "candidate"
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie, "plain http on loopback"
    assert response.cookies[LOGIN_COOKIE] not in (await database_text(shared_server))


async def database_text(running: RunningServer) -> str:
    content = b"".join(path.read_bytes() for path in running.data.glob("proctor.sqlite3*"))
    return content.decode("latin-1")


async def test_nothing_readable_of_a_password_is_kept(shared_server: RunningServer) -> None:
    text = await database_text(shared_server)

    assert PASSWORD not in text
    assert "$argon2id$" in text


async def test_logging_out_ends_the_log_in_on_the_server(shared_server: RunningServer) -> None:
    person = await log_in(shared_server, "candidate@test.local")
    cookie = person.cookie()
    assert (await person.send("POST", "/api/logout")).status_code == 204

    response = await person.client.get("/api/me", headers={"Cookie": cookie})

    assert (response.status_code, response.json()["code"]) == (401, "not_logged_in")
    await person.client.aclose()


async def test_failed_log_ins_are_throttled_by_account(shared_server: RunningServer) -> None:
    answers = [await post_log_in(shared_server, "nobody@test.local", "wrong") for _ in range(9)]

    assert {answer.json()["code"] for answer in answers[:8]} == {"wrong_log_in"}
    assert (answers[8].status_code, answers[8].json()["code"]) == (429, "too_many_tries")
    assert 0 < int(answers[8].headers["retry-after"]) <= 300
    assert (await post_log_in(shared_server, "other@test.local", PASSWORD)).status_code == 200


async def test_the_own_language_is_kept(shared_server: RunningServer) -> None:
    committee = shared_server["committee"]

    assert (await committee.ask("PATCH", "/api/me", {"language": "ru"}))["language"] == "ru"
    assert (await committee.ask("GET", "/api/me"))["language"] == "ru"


async def test_an_email_has_one_account(shared_server: RunningServer) -> None:
    body = {"email": "Candidate@test.local", "name": "Twin", "role": "candidate", "password": "long enough"}

    response = await shared_server["admin"].send("POST", "/api/accounts", body)

    assert (response.status_code, response.json()["code"]) == (409, "email_taken")


async def test_a_policy_with_a_typo_names_the_field(shared_server: RunningServer) -> None:
    admin = shared_server["admin"]
    typo = "[detectors.multiple_faces]\ndwel_s = 3\n"

    checked = await admin.ask("POST", "/api/policy/validate", {"toml": typo})
    made = await admin.send(
        "POST",
        "/api/exams",
        {"title": {"kk": "x", "ru": "x", "en": "x"}, "duration_minutes": 10, "policy_toml": typo},
    )

    assert checked["ok"] is False
    assert checked["errors"][0]["field"] == "detectors.multiple_faces.dwel_s"
    assert made.status_code == 422
    assert made.json()["code"] == "bad_policy"
    assert made.json()["fields"][0]["field"] == "detectors.multiple_faces.dwel_s"
    default = await admin.ask("GET", "/api/policy/default")
    assert (await admin.ask("POST", "/api/policy/validate", default))["ok"] is True


def framed_by(policy: str) -> list[str]:
    """Sources of frames, in a policy whose every directive is one of ours."""
    directives = {name: sources for name, *sources in (directive.split() for directive in policy.split(";"))}
    assert set(directives) == {name.split()[0] for name in page_policy("n", []).split(";")}
    return directives["frame-src"]


@pytest.mark.parametrize(
    "url",
    ["https://a;sandbox/", "https://a%3bscript-src/", "https://a,b/", "https://*/", "https://a'b/", "https://${/"],
)
async def test_an_address_whose_host_would_rewrite_the_pages_policy_is_refused(
    shared_server: RunningServer, url: str
) -> None:
    admin = shared_server["admin"]
    exam = {"title": {"kk": "x", "ru": "x", "en": "x"}, "kind": "url", "url": url, "duration_minutes": 10}

    made = await admin.send("POST", "/api/exams", exam)

    assert (made.status_code, made.json()["code"]) == (422, "invalid_request")
    framed_by((await admin.get("/")).headers["content-security-policy"])


async def test_an_exam_with_its_own_questions_frames_nothing_and_nobody_sees_an_addresss_log_in(
    shared_server: RunningServer,
) -> None:
    admin = shared_server["admin"]
    exam = {"title": {"kk": "x", "ru": "x", "en": "x"}, "duration_minutes": 10}

    await admin.ask("POST", "/api/exams", exam | {"kind": "embedded", "url": "https://unused.example/"})
    await admin.ask("POST", "/api/exams", exam | {"kind": "url", "url": "https://who:secret@named.example/quiz"})
    policy = (await admin.get("/")).headers["content-security-policy"]

    assert "https://named.example" in framed_by(policy)
    assert "unused.example" not in policy
    assert "secret" not in policy


async def test_an_exam_elsewhere_may_be_framed_and_nothing_else(shared_server: RunningServer) -> None:
    admin = shared_server["admin"]
    title = {"kk": "x", "ru": "x", "en": "x"}
    body = {"title": title, "kind": "url", "url": "https://lms.example:8443/quiz?id=1", "duration_minutes": 10}

    made = await admin.ask("POST", "/api/exams", body)
    policy = (await admin.get("/")).headers["content-security-policy"]
    await admin.ask("PATCH", f"/api/exams/{made['exam_id']}", {"duration_minutes": 20})

    assert "https://lms.example:8443" in framed_by(policy), "beside what other exams are framed from"
    assert "unsafe-inline" not in policy
    exams = await admin.ask("GET", "/api/exams")
    assert next(exam for exam in exams if exam["exam_id"] == made["exam_id"])["duration_minutes"] == 20


async def test_pages_carry_a_fresh_nonce_and_assets_stay(shared_server: RunningServer) -> None:
    async with httpx.AsyncClient(base_url=shared_server.url, trust_env=False) as client:
        pages = [await client.get(path) for path in ("/", "/sit/abc", "/invigilate")]
        script = await client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": "gzip"})
        outside = [await client.get(path) for path in ("/assets/..%2f..%2fproctor.sqlite3", "/missing.js", "/api/none")]
        wrong = await client.post("/sit")

    nonces = {page.text.split('content="')[1].split('"')[0] for page in pages}
    assert len(nonces) == len(pages)
    for page in pages:
        assert page.text.split('content="')[1].split('"')[0] in page.headers["content-security-policy"]
        assert page.headers["x-content-type-options"] == "nosniff"
    assert script.headers["content-encoding"] == "gzip"
    assert "immutable" in script.headers["cache-control"]
    assert [response.status_code for response in outside] == [404, 404, 404]
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


async def test_diagnostics_tell_the_load_by_process(shared_server: RunningServer) -> None:
    figures = await shared_server["admin"].ask("GET", "/api/diagnostics")

    names = [process["name"] for process in figures["processes"]]
    assert names == ["server", "worker-0"]
    assert all(process["rss_bytes"] > 1_000_000 for process in figures["processes"])
