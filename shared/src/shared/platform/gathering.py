"""Lets those who ask at the same time share a transaction; each has an answer of its own, once all is committed."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import Context
from typing import Generic, TypeVar

from shared.platform.database import is_passing
from shared.platform.work import Work

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

MOST = 100
"""So many share a transaction at the most."""

CarryOut = Callable[[Work, Sequence[Asked]], Awaitable[Sequence[Answer]]]
"""A use case that does what several ask for, and answers in their order."""
Begin = Callable[[], AbstractAsyncContextManager[Work]]
"""Begins a transaction that is committed at its end, or rolled back when it fails."""


_Waiting = tuple[Asked, asyncio.Future[Answer]]


class Gathering(Generic[Asked, Answer]):
    """Carries out what is asked in transactions, one after the other in a lane: of what all wait for the same row.

    Whoever finds the lane free is carried out at once. Who comes while a transaction runs waits for the next one, with
    all who came meanwhile: nobody waits for company. Who is cancelled before that is not carried out; who is cancelled
    later does not hear of it, and the others do not notice.
    """

    def __init__(self, begin: Begin, carry_out: CarryOut[Asked, Answer]) -> None:
        self._begin, self._carry_out = begin, carry_out
        self._lanes: dict[Hashable, deque[_Waiting[Asked, Answer]]] = {}
        self._at_work: set[asyncio.Task[None]] = set()

    async def ask(self, lane: Hashable, asked: Asked) -> Answer:
        """Have it done, and return the answer once it is committed; what fails for it alone is raised to it alone."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if lane in self._lanes:
            self._lanes[lane].append((asked, answer))
            return await answer
        self._lanes[lane] = deque([(asked, answer)])
        # In no request's context: what is done here is done for all of them.
        task = asyncio.create_task(self._serve(lane), context=Context())
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        return await answer

    async def _serve(self, lane: Hashable) -> None:
        waiting = self._lanes[lane]
        try:
            while waiting:
                together = [waiting.popleft() for _ in range(min(MOST, len(waiting)))]
                if together := [one for one in together if not one[1].done()]:
                    await self._answer(together)
        finally:
            del self._lanes[lane]
            for _, answer in waiting:
                answer.cancel()

    async def _answer(self, together: Sequence[_Waiting[Asked, Answer]]) -> None:
        try:
            answers = await self._done([asked for asked, _ in together])
        except Exception as failure:  # noqa: BLE001 - whatever broke, they are told
            await self._separate(together, failure)
        except BaseException:
            for waiter in _waiting(together):
                waiter.cancel()
            raise
        else:
            for (_, waiter), answer in zip(together, answers, strict=True):
                if not waiter.done():
                    waiter.set_result(answer)

    async def _separate(self, together: Sequence[_Waiting[Asked, Answer]], failure: Exception) -> None:
        """Let each stand for itself: the fault is one's, and not known whose."""
        # A lost connection may have committed, and a lock that is held is held for each of them.
        if len(together) == 1 or is_passing(failure):
            for waiter in _waiting(together):
                waiter.set_exception(failure)
            return
        for one in together:
            if not one[1].done():
                await self._answer([one])

    async def _done(self, asked: Sequence[Asked]) -> Sequence[Answer]:
        async with self._begin() as work:
            return await self._carry_out(work, asked)


def _waiting(together: Sequence[_Waiting[Asked, Answer]]) -> Iterator[asyncio.Future[Answer]]:
    """Yield those who have not been cancelled meanwhile."""
    yield from (waiter for _, waiter in together if not waiter.done())
