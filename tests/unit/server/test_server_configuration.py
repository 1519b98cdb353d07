from __future__ import annotations

from pathlib import Path

import pytest

from proctor.detectors.registry import discover
from proctor.domain.text import Language
from server.config import ConfigError, load_config
from server.consent.texts import load_consent
from server.policies import PolicyBook
from server.protection import page_policy


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot = 1", "prot"),
        ("port = 99999", "port"),
        ('tls_cert = "a.pem"', "tls_key"),
        ("[[ice_servers]]\nusername = 'u'", "ice_servers.0.urls"),
        ("port = ", "server.toml"),
    ],
)
def test_what_is_wrong_in_a_configuration_is_named(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "server.toml"
    file.write_text(text)

    with pytest.raises(ConfigError, match=named) as refusal:
        load_config(file, {})
    assert "\n" not in str(refusal.value)


def test_the_command_line_stands_above_the_file(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text("port = 9000\nworkers = 3")

    config = load_config(file, {"port": 9001, "workers": None, "data": tmp_path})

    assert (config.port, config.workers, config.data) == (9001, 3, tmp_path)


def test_the_consent_text_says_the_same_in_every_language() -> None:
    consent = load_consent()
    texts = [getattr(consent.texts, language.value) for language in Language]

    assert len({len(text.points) for text in texts}) == 1
    assert len({len(text.paragraphs) for text in texts}) == 1
    assert len({text.title for text in texts}) == len(texts)
    assert len(consent.sha256) == 64


def test_a_policy_of_an_older_program_can_still_be_read() -> None:
    book = PolicyBook(discover())
    stored = book.default_text.replace('name = "', 'name = "older ', 1)
    stored = stored.replace("[detectors.noise]", "[detectors.noise]\nforgotten_field = 3", 1)

    policy = book.parse_stored(stored)

    assert policy.name.startswith("older ")
    assert book.parse_stored("not a policy at all [").sha256 == book.parse("").sha256


def test_a_page_may_frame_the_exams_and_nothing_else() -> None:
    assert "frame-src 'none'" in page_policy("n", [])
    policy = page_policy("n", ["https://b.example", "https://a.example"])
    assert "frame-src https://a.example https://b.example;" in policy
    assert "unsafe" not in policy
