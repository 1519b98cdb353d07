"""The documents name things that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "docs" / name for name in ("architecture.md", "glossary.md", "policy.md")]
DOCUMENTS += sorted((ROOT / "docs" / "decisions").glob("*.md"))
ROOMS = ("proctor", "server", "web_client", "models", "tests", "benchmarks")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []
    paths = re.findall(rf"`((?:{'|'.join(ROOMS)})/[\w./-]+)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("room", ["proctor", "server"])
def test_the_architecture_names_every_room(room: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = sorted(folder.parent.name for folder in (ROOT / room).glob("*/__init__.py"))
    assert [name for name in packages if f"`{room}/{name}`" not in text] == []


def test_decisions_are_numbered_without_a_hole() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. ")
        assert re.search(r"^Status: (accepted|superseded by)", text, re.MULTILINE)
