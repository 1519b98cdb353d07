"""The hash chain of a timeline: canonical JSON, the hash of an entry, and a verification that names the first bad one.

Canonical JSON is RFC 8785. The hash of an entry is SHA-256 over the canonical JSON of the object
`{"sitting", "seq", "media_time_ns", "utc", "kind", "payload", "previous_hash"}`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import rfc8785

from proctor.domain.errors import NotCanonicalError
from proctor.domain.time import MediaTime
from proctor.domain.timeline import GENESIS_HASH, ChainVerdict, Entry, JsonValue

_MAX_SAFE_INTEGER: Final = 2**53 - 1


def canonical_json(value: Mapping[str, JsonValue]) -> bytes:
    """RFC 8785 form of an object, as UTF-8.

    Raises:
        NotCanonicalError: an integer beyond ±(2^53 - 1), a number that is not finite, a key that is not text,
            a string that is not Unicode, or a type that JSON does not have.
    """
    try:
        return rfc8785.dumps(dict(value))
    except (rfc8785.CanonicalizationError, RecursionError, TypeError, AttributeError) as error:
        raise NotCanonicalError(f"not representable as canonical JSON: {error}") from error


def parse_canonical(text: str | bytes) -> dict[str, JsonValue]:
    """Read an object back from its canonical form, such that writing it again gives the same bytes.

    Integers beyond ±(2^53 - 1) can only have been written from floats of that size, and become floats again.

    Raises:
        NotCanonicalError: not a JSON object, or written in another form than the canonical one.
    """
    try:
        value = json.loads(text, parse_int=_number)
    except (ValueError, RecursionError) as error:
        raise NotCanonicalError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise NotCanonicalError("not a JSON object")
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if canonical_json(value) != raw:
        raise NotCanonicalError("not in canonical form")
    return value


def _number(digits: str) -> int | float:
    value = int(digits)
    return value if abs(value) <= _MAX_SAFE_INTEGER else float(value)


def hash_of(entry: Entry) -> str:
    """The hash that the entry must carry, from its other fields.

    Raises:
        NotCanonicalError: a field cannot be represented.
    """
    content: dict[str, JsonValue] = {
        "sitting": entry.sitting,
        "seq": entry.seq,
        "media_time_ns": entry.media_time_ns,
        "utc": entry.utc,
        "kind": entry.kind,
        "payload": dict(entry.payload),
        "previous_hash": entry.previous_hash,
    }
    return hashlib.sha256(canonical_json(content)).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain: what the next one links to."""

    seq: int = 0
    hash: str = GENESIS_HASH


def link(  # noqa: PLR0913 - the fields of an entry
    head: Head,
    *,
    sitting: str,
    kind: str,
    payload: Mapping[str, JsonValue],
    media_time_ns: MediaTime | None,
    utc: str,
) -> Entry:
    """The entry that follows `head`.

    Raises:
        NotCanonicalError: the payload has no canonical form.
    """
    content: dict[str, JsonValue] = {
        "sitting": sitting,
        "seq": head.seq + 1,
        "media_time_ns": media_time_ns,
        "utc": utc,
        "kind": kind,
        "payload": dict(payload),
        "previous_hash": head.hash,
    }
    return Entry(
        sitting=sitting,
        seq=head.seq + 1,
        media_time_ns=media_time_ns,
        utc=utc,
        kind=kind,
        payload=payload,
        previous_hash=head.hash,
        hash=hashlib.sha256(canonical_json(content)).hexdigest(),
    )


class Verification:
    """Checks a chain entry by entry, in order, from its first one; keeps nothing but the head."""

    def __init__(self, sitting: str) -> None:
        self._sitting = sitting
        self._head = Head()
        self._failure: ChainVerdict | None = None

    @property
    def head(self) -> Head:
        """The last entry that held."""
        return self._head

    def take(self, entry: Entry) -> bool:
        """Check the next entry; False once anything did not hold."""
        if self._failure is None:
            reason = self._fault(entry)
            if reason is None:
                self._head = Head(entry.seq, entry.hash)
            else:
                self.refuse(reason)
        return self._failure is None

    def refuse(self, reason: str) -> None:
        """The caller found the next entry bad by itself, say by its stored form."""
        self._failure = self._failure or ChainVerdict(
            ok=False, entries=self._head.seq, first_bad_seq=self._head.seq + 1, reason=reason
        )

    def verdict(self, expected_head: Head | None = None) -> ChainVerdict:
        """The result; with `expected_head` (a checkpoint kept elsewhere) a cut-off tail is found too."""
        if self._failure is None and expected_head is not None and expected_head != self._head:
            self.refuse("head")
        return self._failure or ChainVerdict(ok=True, entries=self._head.seq)

    def _fault(self, entry: Entry) -> str | None:
        if entry.sitting != self._sitting:
            return "sitting"
        if entry.seq != self._head.seq + 1:
            return "seq"
        if entry.previous_hash != self._head.hash:
            return "previous_hash"
        try:
            return None if hash_of(entry) == entry.hash else "hash"
        except NotCanonicalError:
            return "payload"


def verify(sitting: str, entries: Iterable[Entry], expected_head: Head | None = None) -> ChainVerdict:
    """Check a whole chain in memory; see `Verification`."""
    verification = Verification(sitting)
    for entry in entries:
        if not verification.take(entry):
            break
    return verification.verdict(expected_head)
