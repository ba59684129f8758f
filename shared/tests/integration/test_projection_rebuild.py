"""A read model is built from events alone: emptied at any moment, it comes to be the same again."""

import asyncio
from collections.abc import Mapping
from random import Random  # noqa: TID251 - seeded: the order of a test

import pytest
from notes_service import UPSTREAM, note
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import progress
from shared.platform.consumer import Consumer
from shared.testing.services import RunningService

OPERATOR = ("op-1", "office", "operator")


def projector(service: RunningService) -> Consumer:
    return next(one for one in service.runtime.consumers if one.projection is not None)


async def tallies(service: RunningService) -> dict[str, str]:
    return {row.key: row.texts for row in await service.execute("SELECT key, texts FROM tallies")}


async def rebuild(service: RunningService) -> None:
    answer = await service.client.post("/v1/projections/tallies/rebuild", headers=service.headers(*OPERATOR))
    assert answer.status_code == 202
    assert answer.json() == {"projection": "tallies", "sources": [UPSTREAM]}


async def test_read_model_is_equal_when_it_is_built_again(notes: RunningService) -> None:
    await notes.deliver(UPSTREAM, *(note(f"k{number % 3}", str(number)) for number in range(12)))
    before = await tallies(notes)
    assert before == {"k0": "0 3 6 9", "k1": "1 4 7 10", "k2": "2 5 8 11"}
    await notes.execute("UPDATE tallies SET texts = 'spoiled'")
    await rebuild(notes)
    assert await tallies(notes) == {}
    await catch_up(notes)
    assert await tallies(notes) == before
    effects = await notes.execute("SELECT count(*) FROM effects")
    assert effects.scalar() == 12  # what is no read model is not done again


async def catch_up(service: RunningService) -> None:
    """Consume to the end; the first reading finds nothing new, and then that the cursor was set back."""
    await projector(service).step()
    await service.deliver(UPSTREAM)


@pytest.mark.parametrize("seed", range(3))
async def test_read_model_is_equal_when_it_is_built_again_while_events_arrive(
    notes: RunningService, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("shared.platform.consumer._BACKOFF_SECONDS", (0.01,))
    monkeypatch.setattr("shared.platform.consumer.BATCH", 3)
    random, source = Random(seed), notes.sources[UPSTREAM]  # noqa: S311 - the order of a test
    expected: dict[str, list[str]] = {}
    monkeypatch.setattr("shared.platform.consumer._WAIT_SECONDS", 0.02)
    consuming = asyncio.create_task(projector(notes).run())
    for number in range(60):
        key = f"k{random.randrange(4)}"
        source.add(note(key, str(number)), at=notes.clock)
        expected.setdefault(key, []).append(str(number))
        if random.random() < 0.12:
            await rebuild(notes)
        await asyncio.sleep(random.random() / 100)
    async with asyncio.timeout(10):
        while await tallies(notes) != {key: " ".join(texts) for key, texts in expected.items()}:
            await asyncio.sleep(0.02)
            assert not consuming.done()
    consuming.cancel()
    await asyncio.gather(consuming, return_exceptions=True)


@pytest.mark.parametrize("consumed_before", [0, 2])
async def test_no_event_is_left_out_when_a_rebuild_meets_a_batch_in_the_middle(
    notes: RunningService, monkeypatch: pytest.MonkeyPatch, consumed_before: int
) -> None:
    """The batch has written and not committed when the rebuild begins to forget, and commits before it empties."""
    source = notes.sources[UPSTREAM]
    await notes.deliver(UPSTREAM, *(note("a", str(number)) for number in range(consumed_before)))
    source.add(note("a", "last"), at=notes.clock)
    reached, proceed = asyncio.Event(), asyncio.Event()
    consumer = projector(notes)
    remember, forget = progress.remember_lanes, progress.forget

    async def pause(connection: AsyncConnection, name: str, positions: Mapping[str, int]) -> None:
        if name == consumer.name:
            reached.set()
            await proceed.wait()
        await remember(connection, name, positions)

    async def let_it_commit(connection: AsyncConnection, name: str) -> None:
        await forget(connection, name)
        proceed.set()
        await batch

    monkeypatch.setattr(progress, "remember_lanes", pause)
    monkeypatch.setattr(progress, "forget", let_it_commit)
    batch = asyncio.create_task(consumer.step())
    await reached.wait()
    rebuilding = asyncio.create_task(rebuild(notes))
    await asyncio.wait({rebuilding}, timeout=0.3)
    proceed.set()
    await asyncio.gather(batch, rebuilding)
    monkeypatch.undo()
    await catch_up(notes)
    assert await tallies(notes) == {"a": " ".join([*(str(number) for number in range(consumed_before)), "last"])}


async def test_rebuild_is_refused_when_there_is_no_such_read_model(notes: RunningService) -> None:
    answer = await notes.client.post("/v1/projections/nothing/rebuild", headers=notes.headers(*OPERATOR))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    answer = await notes.client.post("/v1/projections/tallies/rebuild", headers=notes.headers("p", "o", "writer"))
    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
