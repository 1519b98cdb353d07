"""Published error rates of the rules: read once when the line is composed, told with every signal.

The figures stand in `error_rates.toml` beside this file; the accuracy benchmark writes them. What the data cannot
support is published as not measured, in so many words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from proctor.domain.errors import ProctorError
from proctor.domain.signals import ErrorRate, Measured, SignalKind

ERROR_RATES_FILE: Final = Path(__file__).with_name("error_rates.toml")

Triple = tuple[float, float, float]
Share = tuple[
    Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]
]
PerHour = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


class ErrorRatesError(ProctorError):
    """The file of error rates cannot be read; the message names the fault."""


class _Rate(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: SignalKind
    detector: str
    data: str
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    cases: Annotated[int, Field(ge=0)] = 0
    recall: Share | None = None
    precision: Share | None = None
    false_alarms_per_h: PerHour | None = None
    honest_h: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _supported(self) -> _Rate:
        """Refuse figures without data, and intervals that do not hold their value.

        Raises:
            ValueError: as said.
        """
        if self.recall is not None and self.cases == 0:
            raise ValueError("recall without cases")
        if self.false_alarms_per_h is not None and self.honest_h == 0:
            raise ValueError("false_alarms_per_h without honest_h")
        for triple in (self.recall, self.precision, self.false_alarms_per_h):
            if triple is not None and not triple[1] <= triple[0] <= triple[2]:
                raise ValueError(f"{list(triple)} must be value, low, high")
        return self


class _Rates(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: tuple[_Rate, ...] = ()


def load_error_rates(path: Path = ERROR_RATES_FILE) -> Mapping[SignalKind, ErrorRate]:
    """Read the file.

    Raises:
        ErrorRatesError: it cannot be read, is not valid, or names a kind twice.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        tables = _Rates.model_validate(document).rate
    except (OSError, ValueError, ValidationError) as error:
        raise ErrorRatesError(f"{path.name}: {error}") from error
    rates = {table.kind: _rate(table) for table in tables}
    if len(rates) < len(tables):
        raise ErrorRatesError(f"{path.name}: a kind stands twice")
    return rates


def write_error_rates(rates: Iterable[ErrorRate], path: Path = ERROR_RATES_FILE) -> None:
    """Replace the file's tables; its head, which explains the format, stays."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    head = [line for line in lines if line.startswith("#")]
    blocks = ["\n".join(head), *(_table(rate) for rate in sorted(rates, key=lambda rate: rate.kind.value))]
    path.write_text("\n\n".join(block for block in blocks if block) + "\n", encoding="utf-8")


def _rate(table: _Rate) -> ErrorRate:
    return ErrorRate(
        kind=table.kind,
        detector=table.detector,
        data=table.data,
        date=table.date,
        cases=table.cases,
        recall=_measured(table.recall),
        precision=_measured(table.precision),
        false_alarms_per_h=_measured(table.false_alarms_per_h),
        honest_h=table.honest_h,
    )


def _measured(triple: Triple | None) -> Measured | None:
    return None if triple is None else Measured(*triple)


def _table(rate: ErrorRate) -> str:
    lines = [
        "[[rate]]",
        f'kind = "{rate.kind.value}"',
        f'detector = "{rate.detector}"',
        f"data = {_quoted(rate.data)}",
        f'date = "{rate.date}"',
        f"cases = {rate.cases}",
    ]
    figures = {"recall": rate.recall, "precision": rate.precision, "false_alarms_per_h": rate.false_alarms_per_h}
    lines += [
        f"{name} = [{measured.value:.4f}, {measured.low:.4f}, {measured.high:.4f}]"
        for name, measured in figures.items()
        if measured is not None
    ]
    return "\n".join([*lines, f"honest_h = {rate.honest_h:.3f}"])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
