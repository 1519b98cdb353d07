"""The commands that an administrator scripts, and the simulated crowd."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.cli.main import app
from server.cli.simulation import Crowd, Plan
from server.config import ServerConfig
from server.demo import read_accounts, seed_into
from server.rtc.pump_source import encode_media
from server.wiring import build, ground
from tests.integration.server.serving import PASSWORD, RunningServer, exam_request
from tests.media.files import write_clip
from tests.media.scenes import Scene, Shot, pictures
from tests.media.sounds import soundtrack


def proctor(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], prog_name="proctor")


def test_help_names_every_command() -> None:
    told = proctor("--help")

    assert told.exit_code == 0
    for command in ("serve", "demo", "analyze", "compare", "listen", "simulate", "models", "users", "exams", "policy"):
        assert command in told.stdout


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("nonsense",), "nonsense"),
        (("analyze",), "MEDIA"),
        (("listen", "--loud", "a.wav"), "--loud"),
        (("serve", "--port", "70000"), "--port"),
        (("simulate", "http://127.0.0.1:1", "--candidates", "1", "--for", "2", "--media", "absent.mp4"), "absent.mp4"),
        (("users", "create", "a@b.kz"), "--name"),
    ],
)
def test_bad_usage_is_one_line(words: tuple[str, ...], named: str) -> None:
    told = proctor(*words)

    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith("proctor")
    assert told.stderr.count("\n") == 1
    assert named in told.stderr


def test_a_policy_with_a_typo_is_refused_with_its_place(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(proctor("policy", "default").stdout)
    bad.write_text("[detectors.noise]\nlevl_dbfs = -20\n")

    assert proctor("policy", "validate", good).exit_code == 0
    refused = proctor("policy", "validate", bad, "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["errors"][0]["field"] == "detectors.noise.levl_dbfs"
    assert "detectors.noise.levl_dbfs" in proctor("policy", "validate", bad).stderr
    assert proctor("policy", "validate", tmp_path / "none.toml").exit_code == 2


def test_users_exams_and_sittings_are_made_without_a_server(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = proctor(
        *("users", "create", "A@b.kz", "--name", "A", "--role", "candidate"),
        *("--password", PASSWORD, "--data", data),
    )
    assert made.exit_code == 0, made.stderr
    account_id = json.loads(made.stdout)["account_id"]
    twice = proctor(
        "users", "create", "a@b.kz", "--name", "A", "--role", "candidate", "--password", PASSWORD, "--data", data
    )
    assert (twice.exit_code, "Another account" in twice.stderr) == (1, True)
    short = proctor(
        "users", "create", "c@b.kz", "--name", "C", "--role", "admin", "--password", "short", "--data", data
    )
    assert (short.exit_code, "password" in short.stderr) == (2, True)

    exam = tmp_path / "exam.json"
    exam.write_text(exam_request().model_dump_json())
    exam_id = json.loads(proctor("exams", "create", exam, "--data", data).stdout)["exam_id"]
    sitting = json.loads(proctor("exams", "schedule", exam_id, account_id, "--data", data).stdout)
    assert sitting["state"] == "scheduled"
    listed = json.loads(proctor("exams", "list", "--data", data, "--json").stdout)
    assert [one["exam_id"] for one in listed] == [exam_id]
    assert proctor("users", "set-password", "a@b.kz", "--password", "another long one", "--data", data).exit_code == 0
    assert proctor("users", "set-password", "x@b.kz", "--password", "another long one", "--data", data).exit_code == 1


def test_what_is_missing_in_a_configuration_is_one_line(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text('tls_cert = "cert.pem"\n')

    refused = proctor("serve", "--config", config, "--data", tmp_path)

    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1
    assert "tls_key" in refused.stderr


async def test_the_demonstration_is_the_same_at_every_start(tmp_path: Path) -> None:
    config = ServerConfig(data=tmp_path, workers=1)
    seen = []
    for _ in range(2):
        application = build(config, seed=seed_into(tmp_path))
        async with application.router.lifespan_context(application):
            assert {account.role for account in read_accounts(tmp_path)} == {
                "candidate",
                "invigilator",
                "committee",
                "admin",
            }
            candidate = next(account for account in read_accounts(tmp_path) if account.role == "candidate")
            token, me = await application.state.accounts.log_in(candidate.email, candidate.password, "127.0.0.1")
            assert token
            seen.append([sitting.sitting_id for sitting in await application.state.sittings.mine(me.account_id)])
    assert seen[0] == seen[1]
    assert len(seen[0]) == 1
    async with ground(tmp_path) as base:
        assert len(await base.exams.list()) == 1


@pytest.mark.asyncio(loop_scope="session")
async def test_a_simulated_crowd_sits_an_exam(shared_server: RunningServer, tmp_path: Path) -> None:
    media = tmp_path / "alone.webm"
    await asyncio.to_thread(write_clip, media, pictures([Shot(Scene.PRESENT, 3)], 15), 15, soundtrack(3))
    source = await asyncio.to_thread(encode_media, media)
    plan = Plan(
        url=shared_server.url,
        candidates=2,
        seconds=3,
        source=source,
        media=media,
        ramp_s=0.1,
        admin=("admin@test.local", PASSWORD),
        tell=None,
    )

    report = await Crowd(plan).run()

    assert (report["joined"], report["finished"], report["errors"]) == (2, 2, {})
    assert report["identity"] is True, "a picture of the media was accepted"
    assert report["lost"] == 0
    assert int(str(report["packets"])) > 100
    assert report["ack_ms_p95"] is not None
