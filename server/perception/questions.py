"""What the server asks workers beside the sittings' analysis: a question gets one answer, or goes to another worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from proctor.domain.errors import ProctorError
from server.perception.protocol import DocumentChecked, EnrolmentChecked, ToWorker
from server.perception.supervisor import WorkerSupervisor

ANSWER_TIMEOUT_S: Final = 60.0
TRIES: Final = 2

AnswerT = TypeVar("AnswerT", EnrolmentChecked, DocumentChecked)


class PerceptionUnavailableError(ProctorError):
    """No worker can answer: models are missing, or the workers keep dying."""


class Questions:
    """Questions that wait for their answers.

    Args:
        find_worker: gives a worker that has loaded its models.
    """

    def __init__(self, find_worker: Callable[[], Awaitable[WorkerSupervisor]]) -> None:
        self._find_worker = find_worker
        self._open: dict[int, asyncio.Future[EnrolmentChecked | DocumentChecked]] = {}
        self._asked: dict[int, int] = {}
        self._next = 0

    async def ask(self, answer: type[AnswerT], question: Callable[[int], ToWorker]) -> AnswerT:
        """Ask; `question` makes the message for a request's number.

        Raises:
            PerceptionUnavailableError: no worker answered.
        """
        for _ in range(TRIES):
            worker = await self._find_worker()
            request, self._next = self._next, self._next + 1
            self._open[request] = asyncio.get_running_loop().create_future()
            self._asked[request] = worker.index
            worker.send(question(request))
            try:
                given = await asyncio.wait_for(self._open[request], ANSWER_TIMEOUT_S)
            except (TimeoutError, ConnectionError):
                continue
            finally:
                del self._open[request], self._asked[request]
            if isinstance(given, answer):
                return given
        raise PerceptionUnavailableError("no perception worker answered; see the server's log")

    def answered(self, message: EnrolmentChecked | DocumentChecked) -> None:
        """A worker answered; an answer that nobody waits for any more is passed over."""
        waiting = self._open.get(message.request)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def died(self, index: int) -> None:
        """A worker is gone: what it was asked goes to another."""
        for request, waiting in self._open.items():
            if self._asked[request] == index and not waiting.done():
                waiting.set_exception(ConnectionError("the worker died"))

    def cancel(self) -> None:
        """Nobody will answer any more."""
        for waiting in self._open.values():
            waiting.cancel()
