"""Shapes of the consent text."""

from __future__ import annotations

from server.schemas import Shape


class ConsentText(Shape):
    """The consent text in one language."""

    title: str
    paragraphs: list[str]
    points: list[str]
    accept: str
    """Label of the button that agrees."""
    refuse: str
    """Label of the button that refuses."""


class ConsentTexts(Shape):
    """The consent text in the three languages."""

    kk: ConsentText
    ru: ConsentText
    en: ConsentText


class Consent(Shape):
    """The consent text in force."""

    version: str
    sha256: str
    """Over the canonical JSON of `texts`; stands in the timeline beside the candidate's answer."""
    texts: ConsentTexts
