"""Text in the three languages of the product."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """Languages that every sentence of the product exists in."""

    KK = "kk"
    RU = "ru"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in Kazakh, Russian and English."""

    kk: str
    ru: str
    en: str

    def format(self, **values: object) -> Text:
        """Fill named placeholders in all three languages.

        Raises:
            KeyError: a placeholder has no value.
        """
        return Text(kk=self.kk.format(**values), ru=self.ru.format(**values), en=self.en.format(**values))
