"""An event that can never be handled waits with its reason, and holds up only its own key."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from notes_service import UPSTREAM, create, echo_of, effects_by_key, note, published_by_key, until
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.contracts.provider import EvidenceChecked
from shared.platform.consumer import Consumer
from shared.platform.settings import ServiceSettings
from shared.platform.work import Work
from shared.testing.services import RunningService, running

OPERATOR = ("op-1", "office", "operator")
SECOND_OPERATOR = ("op-2", "office", "operator")


def consumer(service: RunningService) -> Consumer:
    """Return the consumer with effects, not the projection's."""
    return next(one for one in service.runtime.consumers if one.projection is None)


async def waiting(service: RunningService) -> list[dict[str, Any]]:
    """Return what the operator sees waiting, each looked at by itself."""
    headers = service.headers(*OPERATOR)
    answer = await service.client.get("/v1/parked", headers=headers)
    assert answer.status_code == 200
    paths = [f"/v1/parked/{item['consumer']}/{item['event_id']}" for item in answer.json()]
    return [(await service.client.get(path, headers=headers)).json() for path in paths]


async def parked(service: RunningService) -> list[tuple[str, str]]:
    """Return (text, state) of what waits."""
    return [(item["event"]["data"].get("reason", ""), item["state"]) for item in await waiting(service)]


async def parked_id(service: RunningService, content: str) -> UUID:
    found = await waiting(service)
    return next(UUID(item["event_id"]) for item in found if item["event"]["data"].get("reason") == content)


async def act(
    service: RunningService, event: UUID, action: str, person: tuple[str, ...] = OPERATOR, **body: str
) -> tuple[int, str | None]:
    answer = await service.client.post(
        f"/v1/parked/{UPSTREAM}/{event}/{action}", headers=service.headers(*person), json=body or None
    )
    return answer.status_code, answer.json().get("code")


@pytest.fixture
async def poisoned(notes: RunningService) -> RunningService:
    """The second event of key a cannot be handled; two more of the key, and other keys, follow."""
    echo_of(notes).poison.add("a2")
    await notes.deliver(
        UPSTREAM, note("a", "a1"), note("a", "a2"), note("b", "b1"), note("a", "a3"), note("a", "a4"), note("b", "b2")
    )
    return notes


async def test_other_keys_go_on_and_its_own_queues_when_an_event_cannot_be_handled(poisoned: RunningService) -> None:
    assert await effects_by_key(poisoned) == {"a": ["a1"], "b": ["b1", "b2"]}
    assert await published_by_key(poisoned) == {"a": ["a1"], "b": ["b1", "b2"]}
    assert await parked(poisoned) == [("a2", "parked"), ("a3", "queued"), ("a4", "queued")]


async def test_reason_is_named_and_nothing_quoted_when_an_event_is_parked(poisoned: RunningService) -> None:
    event = await parked_id(poisoned, "a2")
    shown = await poisoned.client.get(f"/v1/parked/{UPSTREAM}/{event}", headers=poisoned.headers(*OPERATOR))
    assert shown.json()["problem"] == "NotAllowed: note-unreadable"
    assert shown.json()["event"]["data"] == {"provider": "a", "reason": "a2"}
    assert shown.json()["parked_at"] == "2026-03-02T09:00:00Z"


async def test_places_are_named_when_the_data_is_not_of_its_type(notes: RunningService) -> None:
    source = notes.sources[UPSTREAM]
    event = source.add(note("a", "a1"), at=notes.clock)
    source.events[-1] = event.model_copy(update={"data": {"provider": "a/b CANARY", "reason": 7}})
    await notes.deliver(UPSTREAM, note("b", "b1"))
    shown = await notes.client.get(f"/v1/parked/{UPSTREAM}/{event.id}", headers=notes.headers(*OPERATOR))
    assert shown.json()["problem"] == "The data is not of its declared type at /provider, /reason"
    assert await effects_by_key(notes) == {"b": ["b1"]}


async def test_new_events_of_the_key_queue_when_one_is_parked_since_long(poisoned: RunningService) -> None:
    await poisoned.deliver(UPSTREAM, note("a", "a5"), note("c", "c1"))
    assert (await effects_by_key(poisoned))["c"] == ["c1"]
    assert (await parked(poisoned))[-1] == ("a5", "queued")


async def test_queue_follows_in_order_when_a_parked_event_is_replayed(poisoned: RunningService) -> None:
    event = await parked_id(poisoned, "a2")
    assert await act(poisoned, event, "replay") == (409, "still-unhandled")
    assert (await parked(poisoned))[0] == ("a2", "parked")

    echo_of(poisoned).poison.clear()
    assert await act(poisoned, event, "replay") == (200, None)
    assert (await effects_by_key(poisoned))["a"] == ["a1", "a2", "a3", "a4"]
    assert (await published_by_key(poisoned))["a"] == ["a1", "a2", "a3", "a4"]
    assert await parked(poisoned) == []
    assert await act(poisoned, event, "replay") == (404, "not-found")
    await poisoned.deliver(UPSTREAM, note("a", "a5"))
    assert (await effects_by_key(poisoned))["a"][-1] == "a5"


async def test_queue_stops_at_the_next_poison_when_a_parked_event_is_replayed(poisoned: RunningService) -> None:
    echo_of(poisoned).poison = {"a4"}
    await poisoned.deliver(UPSTREAM, note("a", "a5"))
    assert await act(poisoned, await parked_id(poisoned, "a2"), "replay") == (200, None)
    assert (await effects_by_key(poisoned))["a"] == ["a1", "a2", "a3"]
    assert await parked(poisoned) == [("a4", "parked"), ("a5", "queued")]
    waiting = await parked_id(poisoned, "a4")
    shown = await poisoned.client.get(f"/v1/parked/{UPSTREAM}/{waiting}", headers=poisoned.headers(*OPERATOR))
    assert shown.json()["problem"] == "NotAllowed: note-unreadable"


async def test_queued_event_is_not_replayed_when_an_earlier_one_waits(poisoned: RunningService) -> None:
    assert await act(poisoned, await parked_id(poisoned, "a3"), "replay") == (409, "queued-behind-another")


async def test_discard_is_refused_when_a_reason_or_a_second_person_is_missing(poisoned: RunningService) -> None:
    event = await parked_id(poisoned, "a2")
    assert await act(poisoned, event, "discard") == (409, "discard-not-proposed")
    assert await act(poisoned, event, "discard-proposal", reason=" ") == (422, "value-invalid")
    assert await act(poisoned, event, "discard-proposal") == (422, "field-missing")
    assert await act(poisoned, event, "discard-proposal", reason="A duplicate of the paper file.") == (200, None)
    assert await act(poisoned, event, "discard") == (403, "second-person-needed")
    assert await act(poisoned, event, "discard", ("op-9", "office", "writer")) == (403, "role-missing")
    assert (await parked(poisoned))[0] == ("a2", "parked")


async def test_queue_follows_without_it_when_an_event_is_discarded_by_two(poisoned: RunningService) -> None:
    event = await parked_id(poisoned, "a2")
    await act(poisoned, event, "discard-proposal", reason="A duplicate of the paper file.")
    assert await act(poisoned, event, "discard", SECOND_OPERATOR) == (200, None)
    assert (await effects_by_key(poisoned))["a"] == ["a1", "a3", "a4"]
    assert await parked(poisoned) == []
    row = (await poisoned.execute("SELECT * FROM parked WHERE state = 'discarded'")).one()
    assert (row.discard_reason, row.discard_proposed_by, row.discard_confirmed_by) == (
        "A duplicate of the paper file.", "op-1", "op-2"
    )  # fmt: skip


async def test_everything_waits_on_when_the_service_is_restarted(
    poisoned: RunningService, notes_urls: tuple[str, str]
) -> None:
    await poisoned.execute("SELECT 1")
    async with running(create, ServiceSettings, notes_urls[0]) as restarted:
        restarted.sources[UPSTREAM].events = poisoned.sources[UPSTREAM].events
        await restarted.deliver(UPSTREAM, note("a", "a5"))
        assert [content for content, _ in await parked(restarted)] == ["a2", "a3", "a4", "a5"]
        assert await act(restarted, await parked_id(restarted, "a2"), "replay") == (200, None)
        assert (await effects_by_key(restarted))["a"] == ["a1", "a2", "a3", "a4", "a5"]


async def test_event_of_an_unknown_type_is_passed_over_when_no_handler_is_for_it(notes: RunningService) -> None:
    await notes.deliver(UPSTREAM, EvidenceChecked(provider="a"), note("a", "a1"))
    assert await effects_by_key(notes) == {"a": ["a1"]}
    assert await parked(notes) == []


async def test_nobody_but_an_operator_sees_parked_events_when_they_ask(poisoned: RunningService) -> None:
    event = await parked_id(poisoned, "a2")
    for path in ("/v1/parked", f"/v1/parked/{UPSTREAM}/{event}"):
        assert (await poisoned.client.get(path)).status_code == 401
        answer = await poisoned.client.get(path, headers=poisoned.headers("p", "office", "writer"))
        assert answer.json()["code"] == "role-missing"
    for path in (f"/v1/parked/nobody/{event}", f"/v1/parked/{UPSTREAM}/{UUID(int=0)}"):
        assert (await poisoned.client.get(path, headers=poisoned.headers(*OPERATOR))).json()["code"] == "not-found"
    answer = await poisoned.client.post(f"/v1/parked/nobody/{event}/replay", headers=poisoned.headers(*OPERATOR))
    assert answer.json()["code"] == "not-found"


async def fails_with(sqlstate: str) -> Callable[[Work, str], Awaitable[None]]:
    async def fail(work: Work, _: str) -> None:
        await work.connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{sqlstate}'; END $$"))

    return fail


async def loses_its_connection(work: Work, _: str) -> None:
    await work.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


async def is_cut_off(work: Work, _: str) -> None:
    raise ConnectionResetError


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param("40001", id="serialization failure"),
        pytest.param("40P01", id="deadlock"),
        pytest.param("55P03", id="lock not available"),
        pytest.param("55000", id="database lets nobody in"),
        pytest.param("57014", id="query cancelled"),
        pytest.param("57P01", id="server shutting down"),
        pytest.param("53100", id="disk full"),
        pytest.param("53300", id="too many connections"),
        pytest.param("08006", id="connection failure"),
        pytest.param("25006", id="server is a standby"),
        loses_its_connection,
        is_cut_off,
    ],
)
async def test_event_is_tried_again_and_not_parked_when_the_failure_passes(
    notes: RunningService, failure: str | Callable[[Work, str], Awaitable[None]]
) -> None:
    echo_of(notes).before = await fails_with(failure) if isinstance(failure, str) else failure
    source = notes.sources[UPSTREAM]
    source.add(note("a", "a1"), at=notes.clock)
    with pytest.raises((DBAPIError, OSError)):
        await consumer(notes).step()
    assert await parked(notes) == []
    echo_of(notes).before = None
    await notes.deliver(UPSTREAM, note("a", "a2"))
    assert await effects_by_key(notes) == {"a": ["a1", "a2"]}


@pytest.mark.parametrize("sqlstate", ["23505", "23514", "22012", "42501", "P0001"])
async def test_event_is_parked_when_the_database_will_always_refuse_it(notes: RunningService, sqlstate: str) -> None:
    echo_of(notes).before = await fails_with(sqlstate)
    await notes.deliver(UPSTREAM, note("a", "a1"))
    assert await parked(notes) == [("a1", "parked")]


async def test_event_is_not_parked_when_a_failure_passes_after_its_batch_was_divided(notes: RunningService) -> None:
    echo_of(notes).poison.add("a1")
    fail = await fails_with("40001")

    async def fail_on_b(work: Work, content: str) -> None:
        if content == "b1":
            await fail(work, content)

    echo_of(notes).before = fail_on_b
    for event in (note("a", "a1"), note("b", "b1")):
        notes.sources[UPSTREAM].add(event, at=notes.clock)
    with pytest.raises(DBAPIError):
        await consumer(notes).step()
    assert await parked(notes) == [("a1", "parked")]
    echo_of(notes).before = None
    await notes.deliver(UPSTREAM)
    assert await parked(notes) == [("a1", "parked")]
    assert await effects_by_key(notes) == {"b": ["b1"]}


async def test_consumer_comes_back_when_its_connection_is_killed_again_and_again(
    notes: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.platform.consumer._BACKOFF_SECONDS", (0.01,))
    killed: set[str] = set()

    async def kill_the_first_time(work: Work, content: str) -> None:
        if content not in killed:
            killed.add(content)
            await loses_its_connection(work, content)

    echo_of(notes).before = kill_the_first_time
    expected = [str(number) for number in range(5)]
    consuming = asyncio.create_task(consumer(notes).run())
    for content in expected:
        notes.sources[UPSTREAM].add(note("a", content), at=notes.clock)
    await until(lambda: _has_effects(notes, expected))
    assert killed == set(expected)
    assert not consuming.done()
    consuming.cancel()
    await asyncio.gather(consuming, return_exceptions=True)


async def test_consumer_comes_back_when_a_library_cancels_within_itself(
    notes: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.platform.consumer._BACKOFF_SECONDS", (0.01,))
    source, number = notes.sources[UPSTREAM], itertools.count()
    read = source.read

    async def cancelled_at_first(*arguments: Any) -> Any:
        if next(number) < 3:
            raise asyncio.CancelledError
        return await read(*arguments)

    monkeypatch.setattr(source, "read", cancelled_at_first)
    source.add(note("a", "a1"), at=notes.clock)
    consuming = asyncio.create_task(consumer(notes).run())
    await until(lambda: _has_effects(notes, ["a1"]))
    consuming.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(consuming, return_exceptions=True)
    assert consuming.cancelled()


async def _has_effects(service: RunningService, expected: list[str]) -> bool:
    return (await effects_by_key(service)).get("a") == expected


@pytest.mark.parametrize("action", ["replay", "discard"])
async def test_queue_is_let_through_when_an_operator_meets_a_batch_that_queues_behind_it(
    poisoned: RunningService, action: str
) -> None:
    """The batch has seen the key blocked and is not committed yet when the operator acts."""
    event = await parked_id(poisoned, "a2")
    await act(poisoned, event, "discard-proposal", SECOND_OPERATOR, reason="A duplicate of the paper file.")
    poisoned.sources[UPSTREAM].add(note("a", "a5"), at=poisoned.clock)
    poisoned.sources[UPSTREAM].add(note("b", "b3"), at=poisoned.clock)
    reached, proceed = asyncio.Event(), asyncio.Event()

    async def pause(_: Work, content: str) -> None:
        if content == "b3":
            reached.set()
            await proceed.wait()

    echo_of(poisoned).poison.clear()
    echo_of(poisoned).after = pause
    batch = asyncio.create_task(consumer(poisoned).step())
    await reached.wait()
    acting = asyncio.create_task(act(poisoned, event, action))
    await asyncio.wait({acting}, timeout=0.3)
    proceed.set()
    await batch
    assert await acting == (200, None)
    assert await parked(poisoned) == []
    handled = ["a1", "a2", "a3", "a4", "a5"] if action == "replay" else ["a1", "a3", "a4", "a5"]
    assert (await effects_by_key(poisoned))["a"] == handled
