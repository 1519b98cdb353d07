"""Puts packets back in order, says which ones to ask for again, and when to stop waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from proctor.domain.time import NS_PER_MS, NS_PER_S
from server.rtc.packets import SEQUENCE_MODULUS, RtpPacket, nearest


@dataclass(frozen=True, slots=True)
class RepairTimes:
    """When a missing packet is asked for and when it is given up, in nanoseconds since it was noticed.

    The first wait leaves room for packets that only overtook each other. Asking goes on at a fixed interval because the
    request or its answer may be lost too; a sender keeps packets for about as long as `give_up_ns`.
    """

    first_ask_ns: int = 20 * NS_PER_MS
    ask_again_ns: int = 120 * NS_PER_MS
    give_up_ns: int = 2 * NS_PER_S


CAPACITY_PACKETS: Final = 1_024
"""Packets held back behind a hole; more than two seconds of the highest rate that a policy allows."""


class _Missing:
    __slots__ = ("asked_ns", "noticed_ns")

    def __init__(self, noticed_ns: int) -> None:
        self.noticed_ns = noticed_ns
        self.asked_ns: int | None = None


class ReorderBuffer:
    """Takes packets as they arrive and returns them in ascending order, each once.

    Packets that are returned carry their unwrapped number in `extended`; a step of more than one between two returned
    packets is a hole that was given up. Bounded by `CAPACITY_PACKETS`.
    """

    def __init__(self, times: RepairTimes) -> None:
        self.times = times
        self.lost = 0
        """Packets given up."""
        self.recovered = 0
        """Packets that were missing, asked for, and came."""
        self.duplicates = 0
        """Packets that came twice or too late."""
        self._next: int | None = None
        self._highest = -1
        self._held: dict[int, RtpPacket] = {}
        self._missing: dict[int, _Missing] = {}
        self._stray: int | None = None

    @property
    def missing(self) -> int:
        """Packets that are being waited for now."""
        return len(self._missing)

    def push(self, packet: RtpPacket, now_ns: int) -> Sequence[RtpPacket]:
        """Take one packet; returns what is now in order, often just that packet, or nothing."""
        expected = self._next
        if expected is None:
            return self._restart(packet)
        number = nearest(packet.sequence, expected, SEQUENCE_MODULUS)
        packet.extended = number
        if number == expected:
            self._next = number + 1
            if not self._held:
                self._highest = number
                return (packet,)
            self._fill(number)
            return [packet, *self._drain()]
        if number < expected:
            return self._behind(packet, expected - number)
        if number - expected > CAPACITY_PACKETS:
            self.lost += number - self._highest - 1
            return self._jump(packet)
        return self._ahead(packet, now_ns)

    def due(self, now_ns: int) -> list[int]:
        """Unwrapped numbers to ask for now, ascending; they count as asked."""
        times = self.times
        numbers = []
        for number, missing in self._missing.items():
            since = now_ns - missing.noticed_ns if missing.asked_ns is None else now_ns - missing.asked_ns
            if since >= (times.first_ask_ns if missing.asked_ns is None else times.ask_again_ns):
                missing.asked_ns = now_ns
                numbers.append(number)
        return numbers

    def expire(self, now_ns: int) -> Sequence[RtpPacket]:
        """Give up what has been missing for too long; returns the packets that were held back behind it."""
        last = None
        for number, missing in self._missing.items():
            if now_ns - missing.noticed_ns < self.times.give_up_ns:
                break
            last = number
        return () if last is None else self._skip_to(last + 1)

    def _restart(self, packet: RtpPacket) -> Sequence[RtpPacket]:
        packet.extended = self._highest = packet.sequence
        self._next = packet.sequence + 1
        return (packet,)

    def _behind(self, packet: RtpPacket, distance: int) -> Sequence[RtpPacket]:
        """A duplicate, a packet that was given up, or a sender that began anew far behind (RFC 3550, appendix A.1)."""
        if distance <= CAPACITY_PACKETS:
            self.duplicates += 1
            return ()
        if packet.sequence != self._stray:
            self._stray = (packet.sequence + 1) % SEQUENCE_MODULUS
            return ()
        while packet.extended <= self._highest:
            packet.extended += SEQUENCE_MODULUS
        return self._jump(packet)

    def _jump(self, packet: RtpPacket) -> Sequence[RtpPacket]:
        """Continue at a far away number; what is held back is let go first."""
        released = self._skip_to(self._highest + 1)
        self._highest = packet.extended
        self._next = packet.extended + 1
        self._stray = None
        return [*released, packet]

    def _ahead(self, packet: RtpPacket, now_ns: int) -> Sequence[RtpPacket]:
        number = packet.extended
        if number > self._highest:
            for absent in range(self._highest + 1, number):
                self._missing[absent] = _Missing(now_ns)
            self._highest = number
        elif number in self._missing:
            self._fill(number)
        else:
            self.duplicates += 1
            return ()
        self._held[number] = packet
        return ()

    def _fill(self, number: int) -> None:
        missing = self._missing.pop(number, None)
        if missing is not None and missing.asked_ns is not None:
            self.recovered += 1

    def _drain(self) -> list[RtpPacket]:
        ready = []
        number = self._next or 0
        while (packet := self._held.pop(number, None)) is not None:
            ready.append(packet)
            number += 1
        self._next = number
        return ready

    def _skip_to(self, number: int) -> list[RtpPacket]:
        """Let go of everything below `number` and of what follows it without a hole."""
        released = [self._held.pop(held) for held in sorted(self._held) if held < number]
        for absent in [absent for absent in self._missing if absent < number]:
            del self._missing[absent]
            self.lost += 1
        self._next = max(number, self._next or 0)
        return [*released, *self._drain()]
