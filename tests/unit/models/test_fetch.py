from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from models import fetch as fetching
from models import registry
from models.fetch import FetchError, fetch, from_folder, from_publisher, missing
from models.install import ModelDerivationError
from models.manifest import Derivation, OptionalModel, load_optional
from models.registry import InstalledModels
from proctor.domain.errors import ModelMissingError

BYTES = b"weights of a small network"
HASH = hashlib.sha256(BYTES).hexdigest()
ENTRY = OptionalModel(
    name="small",
    version="1",
    published="someone",
    url="https://models.example/small.bin",
    source="small.bin",
    source_sha256=HASH,
    derivation=Derivation.COPY,
    file="small-1.bin",
    sha256=HASH,
    licence="MIT",
    input="none",
    card="cards/minifasnet.md",
)


@pytest.fixture(autouse=True)
def one_small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "load_optional", lambda: {ENTRY.name: ENTRY})


def publisher(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer))


def test_a_folder_with_the_right_file_is_enough_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    folder, directory = tmp_path / "files", tmp_path / "models"
    folder.mkdir()
    (folder / ENTRY.source).write_bytes(BYTES)
    assert [entry.name for entry in missing(directory)] == ["small"]
    assert [step.changed for step in fetch(from_folder(folder), directory)] == [True]
    assert missing(directory) == []
    (folder / ENTRY.source).unlink()
    assert [step.changed for step in fetch(from_folder(folder), directory)] == [False]
    assert InstalledModels(directory).path("small").read_bytes() == BYTES
    assert [path.name for path in directory.iterdir()] == [ENTRY.file]


def test_another_file_of_that_name_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / ENTRY.source).write_bytes(BYTES + b"!")
    with pytest.raises(FetchError, match="SHA-256"):
        fetch(from_folder(tmp_path), tmp_path / "models")
    assert not InstalledModels(tmp_path / "models").has("small")


def test_an_absent_file_is_named_with_its_address(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"small\.bin.*https://models\.example"):
        fetch(from_folder(tmp_path), tmp_path)


def test_the_publisher_is_asked_for_the_pinned_address_only(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=BYTES)

    with publisher(answer) as client:
        fetch(from_publisher(client), tmp_path)
        fetch(from_publisher(client), tmp_path)
    assert asked == [ENTRY.url]
    assert InstalledModels(tmp_path).has("small")


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_answer_that_is_no_file_is_an_error(tmp_path: Path, status: int) -> None:
    with publisher(lambda _request: httpx.Response(status)) as client, pytest.raises(FetchError, match=ENTRY.url):
        fetch(from_publisher(client), tmp_path)


def test_an_answer_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST_BYTES", 10)
    with (
        publisher(lambda _request: httpx.Response(200, content=BYTES)) as client,
        pytest.raises(FetchError, match="more than"),
    ):
        fetch(from_publisher(client), tmp_path)


def test_what_comes_out_otherwise_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ENTRY.source).write_bytes(BYTES)
    monkeypatch.setattr(fetching, "derive", lambda _derivation, source: source + b"!")
    with pytest.raises(ModelDerivationError, match="small"):
        fetch(from_folder(tmp_path), tmp_path)
    assert not InstalledModels(tmp_path).has("small")


def test_a_damaged_installed_file_is_missing_and_the_remedy_is_to_fetch(tmp_path: Path) -> None:
    (tmp_path / ENTRY.file).write_bytes(b"other")
    assert [entry.name for entry in missing(tmp_path)] == ["small"]
    with pytest.raises(ModelMissingError, match="proctor models fetch"):
        InstalledModels(tmp_path).path("small")


@pytest.mark.parametrize("entry", load_optional().values(), ids=lambda entry: entry.name)
def test_every_optional_model_is_pinned_has_a_card_and_an_address_that_is_one_state(entry: OptionalModel) -> None:
    assert len(entry.sha256) == len(entry.source_sha256) == 64
    assert entry.url.startswith("https://")
    assert entry.url.endswith(entry.source)
    assert entry.version in entry.url
    card = (Path(registry.__file__).parent / entry.card).read_text(encoding="utf-8")
    assert all(word in card for word in ("| source |", "| licence |", "| cost |", "## Limits"))
