"""Bounded channels between parts of the line; each counts what it drops.

Pictures: the newest wins, because an old picture tells less than a new one. Encoded pictures build on each other, so
losing one means waiting for a key frame. Sound: first in, first out, and a full channel refuses, so that what was
taken stays whole. None of them is thread-safe; where two threads meet, the caller holds a lock.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from proctor.domain.media import EncodedFrame

T = TypeVar("T")


class NewestWins(Generic[T]):
    """A queue of at most `capacity` items; putting one more drops the oldest.

    Raises:
        ValueError: `capacity` is less than 1.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, not {capacity}")
        self._items: deque[T] = deque(maxlen=capacity)
        self.dropped = 0

    def __len__(self) -> int:
        """How many wait."""
        return len(self._items)

    def put(self, item: T) -> None:
        """Take the item, at the expense of the oldest one when full."""
        if len(self._items) == self._items.maxlen:
            self.dropped += 1
        self._items.append(item)

    def take(self) -> T:
        """Remove and return the oldest item.

        Raises:
            IndexError: the channel is empty.
        """
        return self._items.popleft()

    def peek(self) -> T:
        """Return the oldest item without removing it.

        Raises:
            IndexError: the channel is empty.
        """
        return self._items[0]


class RefusingFifo(Generic[T]):
    """A queue of at most `capacity` items that refuses more; what it took, it keeps in order.

    Raises:
        ValueError: `capacity` is less than 1.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, not {capacity}")
        self._capacity = capacity
        self._items: deque[T] = deque()
        self.dropped = 0

    def __len__(self) -> int:
        """How many wait."""
        return len(self._items)

    def offer(self, item: T) -> bool:
        """Take the item, or count it as dropped and return False when full."""
        if len(self._items) >= self._capacity:
            self.dropped += 1
            return False
        self._items.append(item)
        return True

    def take(self) -> T:
        """Remove and return the oldest item.

        Raises:
            IndexError: the channel is empty.
        """
        return self._items.popleft()


class KeyFrameGate:
    """Lets encoded pictures through only while none is missing before them.

    After a loss everything is held back, and counted, until a key frame comes. A gate starts closed: decoding begins
    at a key frame.
    """

    def __init__(self) -> None:
        self.waiting = True
        self.dropped = 0

    def admit(self, frame: EncodedFrame, *, room: bool = True) -> bool:
        """Whether the frame may pass. `room` False means that there is no place for it, which is a loss."""
        if frame.after_gap and not frame.is_key:
            self.waiting = True
        if not room:
            self.waiting = True
        elif self.waiting and frame.is_key:
            self.waiting = False
        if self.waiting:
            self.dropped += 1
        return not self.waiting

    def lose(self) -> None:
        """Say that a frame which had passed was lost after all."""
        self.waiting = True


class EncodedPictures:
    """A queue of at most `capacity` encoded pictures of one track.

    When it overflows, all that waits is dropped (a decoder could not use a part of it), and so is all that comes until
    the next key frame; `wants_key_frame` is then True, and the newest stretch wins.

    Raises:
        ValueError: `capacity` is less than 1.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, not {capacity}")
        self._capacity = capacity
        self._items: deque[EncodedFrame] = deque()
        self._gate = KeyFrameGate()
        self._overflowed = 0

    def __len__(self) -> int:
        """How many wait."""
        return len(self._items)

    @property
    def dropped(self) -> int:
        """Pictures that were dropped so far."""
        return self._overflowed + self._gate.dropped

    @property
    def wants_key_frame(self) -> bool:
        """Whether nothing passes before the next key frame."""
        return self._gate.waiting

    def put(self, frame: EncodedFrame) -> bool:
        """Take the frame, or count it as dropped and return False."""
        if len(self._items) >= self._capacity:
            self._overflowed += len(self._items)
            self._items.clear()
            self._gate.lose()
        if not self._gate.admit(frame):
            return False
        self._items.append(frame)
        return True

    def take(self) -> EncodedFrame:
        """Remove and return the oldest frame.

        Raises:
            IndexError: the channel is empty.
        """
        return self._items.popleft()
