"""What is told of an invitation: its code, and what may keep a telephone from using it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from pydantic import ValidationError
from starlette.requests import Request

from server.phones.endpoints import _origin
from server.phones.schemas import PhonePass
from server.phones.service import obstacle, qr_code

URL = "https://exam.example/phone#" + "s" * 43


def request_with(headers: dict[str, str], scheme: str = "http") -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "scheme": scheme, "path": "/", "headers": raw})


def test_the_code_is_dark_on_white_with_its_quiet_zone() -> None:
    root = ET.fromstring(qr_code(URL))  # noqa: S314 - made here
    assert root.tag.endswith("svg")
    assert root.get("width") == root.get("height")
    assert 'fill="#fff"' in qr_code(URL)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://exam.example", None),
        ("https://192.0.2.5:8420", None),
        ("http://192.0.2.5:8420", "not_https"),
        ("http://exam.example", "not_https"),
        ("http://127.0.0.1:8420", "loopback"),
        ("https://[::1]:8420", "loopback"),
        ("http://localhost:8420", "loopback"),
    ],
)
def test_what_keeps_a_telephone_away(origin: str, expected: str | None) -> None:
    assert obstacle(origin) == expected


@pytest.mark.parametrize(
    ("headers", "scheme", "expected"),
    [
        ({"origin": "https://exam.example", "host": "exam.example"}, "http", "https://exam.example"),
        ({"host": "exam.example:8420"}, "https", "https://exam.example:8420"),
        ({"host": "exam.example:443"}, "https", "https://exam.example"),
        ({"host": "192.0.2.5:80"}, "http", "http://192.0.2.5"),
    ],
)
def test_the_address_is_the_asking_pages(headers: dict[str, str], scheme: str, expected: str) -> None:
    assert _origin(request_with(headers, scheme)) == expected


@pytest.mark.parametrize("shown", [{}, {"secret": "s" * 43, "phone_key": "k" * 43}, {"secret": "short"}])
def test_a_pass_is_a_secret_or_a_key(shown: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PhonePass.model_validate(shown)
