"""Reservations that finance systems make themselves, over HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from budget.db import reservations as kept
from budget.domain.reservation import ReservationRequest
from budget.messaging.publish import published
from budget.usecases import reservations
from budget.usecases.reservations import Asking
from shared.contracts.fields import instant_text
from shared.kernel.ids import derived_id, opaque_id
from shared.kernel.money import Money
from shared.platform.work import Work

RENT = derived_id("test-rent")


def body(line: str, units: str = "100.00", **changed: Any) -> dict[str, Any]:
    return {
        "line": line,
        "amount": {"amount": units, "currency": "EUR"},
        "purpose": "Rent of the day centre",
    } | changed


async def put(budget: Any, identifier: Any, content: dict[str, Any], party: tuple[str, ...] | None = None) -> Any:
    headers = budget.service.headers(*party) if party else budget.officer()
    del headers["Idempotency-Key"]
    return await budget.service.client.put(f"/v1/reservations/{identifier}", json=content, headers=headers)


async def release(budget: Any, identifier: Any) -> Any:
    return await budget.service.client.post(
        f"/v1/reservations/{identifier}/release", json={"reason": "Not needed."}, headers=budget.officer()
    )


async def test_an_amount_is_set_aside_once_when_the_request_comes_again(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    first = await put(budget, RENT, body(line))
    again = await put(budget, RENT, body(line))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == await budget.get(f"/v1/reservations/{RENT}")
    assert await budget.get(first.url.join(first.headers["Location"]).path) == first.json()
    assert first.json()["state"] == "reserved"
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 900, "reserved": 100}
    assert await budget.types() == ["budget.appropriated.v1", "budget.reservation-made.v1"]
    moved = (await budget.get(f"/v1/lines/{line}/transfers"))["items"][-1]
    assert (moved["cause"], moved["ocid"], moved["reason"]) == (str(RENT), None, "Rent of the day centre")
    await budget.check_books()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": {"amount": "100.01", "currency": "EUR"}}, "exists-with-different-amount"),
        ({"amount": {"amount": "100.00", "currency": "USD"}}, "exists-with-different-amount"),
        ({"purpose": "Salaries"}, "exists-with-different-purpose"),
        ({"expires_at": "2027-01-01T00:00:00Z"}, "exists-with-different-expires-at"),
        ({"line": str(derived_id("other"))}, "exists-with-different-line"),
    ],
)
async def test_an_id_means_what_it_meant_first_when_another_request_uses_it(
    budget: Any, changed: dict[str, Any], code: str
) -> None:
    line = await budget.appropriate(1_000)
    first = await put(budget, RENT, body(line))
    refused = await put(budget, RENT, body(line) | changed)
    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert await budget.get(f"/v1/reservations/{RENT}") == first.json()
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 900, "reserved": 100}


async def test_an_id_stays_refused_when_money_is_available_later(budget: Any) -> None:
    line, salaries = await budget.appropriate(1_000), opaque_id()
    await put(budget, salaries, body(line, "901.00"))
    refused = await put(budget, RENT, body(line))
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient-funds")
    await release(budget, salaries)
    again = await put(budget, RENT, body(line))
    assert (again.status_code, again.json()["code"]) == (409, "id-already-failed")
    assert "insufficient-funds" in again.json()["detail"]
    other = await put(budget, RENT, body(line, "50.00"))
    assert (other.status_code, other.json()["code"]) == (409, "exists-with-different-amount")
    assert (await budget.get(f"/v1/reservations/{RENT}"))["refusal"] == "insufficient-funds"
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 1_000}
    assert (await put(budget, opaque_id(), body(line))).status_code == 201
    await budget.check_books()


@pytest.mark.parametrize(
    ("changed", "status", "code", "stays"),
    [
        ({"amount": {"amount": "0.00", "currency": "EUR"}}, 422, "amount-not-positive", False),
        ({"amount": {"amount": "-1.00", "currency": "EUR"}}, 422, "amount-not-positive", False),
        ({"amount": {"amount": "92233720368547758.08", "currency": "EUR"}}, 422, "amount-too-large", False),
        ({"amount": {"amount": "9223372036854775808", "currency": "JPY"}}, 422, "amount-too-large", False),
        ({"amount": {"amount": "1.001", "currency": "EUR"}}, 422, "amount-too-fine", False),
        ({"amount": {"amount": 1, "currency": "EUR"}}, 422, "amount-as-number", False),
        ({"amount": {"amount": "1.00", "currency": "eur"}}, 422, "currency-unknown", False),
        ({"amount": {"amount": "1.00", "currency": "USD"}}, 409, "currency-differs", False),
        ({"amount": {"amount": "92233720368547758.07", "currency": "EUR"}}, 409, "insufficient-funds", True),
        ({"line": str(derived_id("no-line"))}, 409, "line-unknown", True),
        ({"expires_at": "2026-03-02T09:00:00Z"}, 422, "expiry-passed", False),
        ({"approved": True}, 422, "unknown-field", False),
    ],
)
async def test_nothing_changes_when_a_reservation_is_refused(
    budget: Any, changed: dict[str, Any], status: int, code: str, stays: bool
) -> None:
    line = await budget.appropriate(1_000)
    refused = await put(budget, RENT, body(line) | changed)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.headers["content-type"] == "application/problem+json"
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 1_000}
    assert await budget.types() == ["budget.appropriated.v1"]
    shown = await budget.service.client.get(f"/v1/reservations/{RENT}")
    assert shown.status_code == (200 if stays else 404)
    await budget.check_books()


async def test_money_is_available_again_when_a_reservation_is_released(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    await put(budget, RENT, body(line))
    released = await release(budget, RENT)
    assert (released.status_code, released.json()["state"]) == (200, "released")
    again = await release(budget, RENT)
    assert (again.status_code, again.json()["code"]) == (409, "reservation-ended")
    repeated = await put(budget, RENT, body(line))
    assert (repeated.status_code, repeated.json()["state"]) == (200, "released")
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 1_000}
    assert (await budget.types())[-1] == "budget.reservation-released.v1"
    assert (await release(budget, opaque_id())).status_code == 404
    await budget.check_books()


async def test_money_is_available_again_when_nobody_uses_it_in_time(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    due = budget.service.clock.now() + timedelta(days=30)
    await put(budget, RENT, body(line, expires_at=instant_text(due)))
    await put(budget, opaque_id(), body(line))
    assert await budget.service.let_time_act() == 0
    budget.service.clock.advance(days=31)
    assert await budget.service.let_time_act() == 1
    assert await budget.service.let_time_act() == 0
    shown = await budget.get(f"/v1/reservations/{RENT}")
    assert (shown["state"], shown["ended_at"]) == ("expired", instant_text(due))
    assert (await release(budget, RENT)).json()["code"] == "reservation-ended"
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 900, "reserved": 100}
    told = (await budget.service.published())[-1]
    assert (told.type, told.partitionkey) == ("budget.reservation-expired.v1", line)
    await budget.check_books()


async def test_one_of_two_is_made_when_the_same_id_comes_twice_at_once(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    answers = await asyncio.gather(*(put(budget, RENT, body(line)) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 900, "reserved": 100}
    await budget.check_books()


async def test_nothing_is_set_aside_when_it_is_a_dry_run(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    dry = await put(budget, f"{RENT}?dry_run=true", body(line))
    assert (dry.status_code, dry.headers["Dry-Run"]) == (201, "true")
    assert (await budget.service.client.get(f"/v1/reservations/{RENT}")).status_code == 404
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 1_000}


@pytest.mark.parametrize(
    ("party", "status"),
    [
        (("p-provider", "org-oarsmen", "provider"), 403),
        (("p-operator", "org-city", "operator"), 403),
        (("p-finance", "org-city", "finance-officer"), 201),
    ],
)
async def test_only_a_finance_officer_is_let_in_when_money_is_set_aside(
    budget: Any, party: tuple[str, ...], status: int
) -> None:
    line = await budget.appropriate(1_000)
    assert (await put(budget, RENT, body(line), party)).status_code == status
    await put(budget, opaque_id(), body(line))
    other = opaque_id()
    await put(budget, other, body(line))
    several = await budget.service.client.post(
        "/v1/reservations", json=[{"id": str(opaque_id()), **body(line)}], headers=budget.service.headers(*party)
    )
    assert several.status_code == (200 if status == 201 else status)
    answer = await budget.service.client.post(
        f"/v1/reservations/{other}/release", json={"reason": "Not needed."}, headers=budget.service.headers(*party)
    )
    assert answer.status_code == (200 if status == 201 else status)


async def reserve(budget: Any, *asked: ReservationRequest) -> list[str]:
    """Ask for several at once, and say what became of each."""
    async with budget.service.runtime.engine.begin() as connection:
        work = Work(connection, budget.service.clock.now(), sandbox=False, publish=published)
        outcomes = await reservations.reserve(work, [Asking(one, "p-finance") for one in asked])
    return ["created" if one.created else one.refusal.code if one.refusal else "exists" for one in outcomes]


def asked_for(line: str, number: int) -> list[ReservationRequest]:
    amount = Money(10_000, "EUR")
    return [ReservationRequest(id=opaque_id(), line=UUID(line), amount=amount, purpose="Rent") for _ in range(number)]


async def test_each_is_answered_by_itself_when_several_are_asked_for_together(budget: Any) -> None:
    line = await budget.appropriate(250)
    first, second, third = asked_for(line, 3)
    other = replace(asked_for(line, 1)[0], line=derived_id("no-line"))
    assert await reserve(budget, first, second, first, third, other) == [
        "created",
        "created",
        "exists",
        "insufficient-funds",
        "line-unknown",
    ]
    assert await reserve(budget, third, second, first) == ["id-already-failed", "exists", "exists"]
    assert await budget.balances(line) == {"appropriated": 250, "available": 50, "reserved": 200}
    async with budget.service.runtime.engine.connect() as connection:
        known = await kept.find(connection, {first.id, second.id, third.id, other.id})
    assert [known[one.id].state for one in (first, second, third, other)] == [
        "reserved",
        "reserved",
        "refused",
        "refused",
    ]
    await budget.check_books()


async def test_all_are_entered_together_when_together_they_fit(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    asked = asked_for(line, 10)
    assert await reserve(budget, *asked) == ["created"] * 10
    assert await budget.balances(line) == {"appropriated": 1_000, "reserved": 1_000}
    assert (await budget.types()).count("budget.reservation-made.v1") == 10
    await budget.check_books()


async def put_together(budget: Any, *asked: dict[str, Any], key: str | None = None) -> Any:
    headers = budget.officer() | ({"Idempotency-Key": key} if key else {})
    return await budget.service.client.post("/v1/reservations", json=list(asked), headers=headers)


async def test_each_is_told_what_became_of_it_when_several_are_asked_for_over_http(budget: Any) -> None:
    line, rent, salaries, other = await budget.appropriate(250), *(str(opaque_id()) for _ in range(3))
    asked = [{"id": rent, **body(line)}, {"id": salaries, **body(line)}, {"id": other, **body(line)}]
    first = await put_together(budget, *asked)
    assert first.status_code == 200, first.text
    assert [(one["id"], one["outcome"], one["code"]) for one in first.json()] == [
        (rent, "created", None),
        (salaries, "created", None),
        (other, "refused", "insufficient-funds"),
    ]
    assert first.json()[0]["reservation"] == await budget.get(f"/v1/reservations/{rent}")
    again = await put_together(budget, *asked[::-1], {"id": rent, **body(line, "1.00")})
    assert [(one["outcome"], one["code"]) for one in again.json()] == [
        ("refused", "id-already-failed"),
        ("exists", None),
        ("exists", None),
        ("refused", "exists-with-different-amount"),
    ]
    assert (await put(budget, rent, body(line))).status_code == 200
    assert await budget.balances(line) == {"appropriated": 250, "available": 50, "reserved": 200}
    await budget.check_books()


@pytest.mark.parametrize(
    ("number", "changed", "status"),
    [(0, {}, 422), (1_001, {}, 422), (2, {"amount": {"amount": "-1.00", "currency": "EUR"}}, 422), (1_000, {}, 200)],
)
async def test_nothing_is_made_when_one_of_several_is_malformed(
    budget: Any, number: int, changed: dict[str, Any], status: int
) -> None:
    line = await budget.appropriate(1_000)
    asked = [{"id": str(opaque_id()), **body(line, "1.00")} for _ in range(number)]
    if asked:
        asked[-1] |= changed
    answer = await put_together(budget, *asked)
    assert answer.status_code == status, answer.text
    expected = {"reserved": 1_000} if status == 200 else {"available": 1_000}
    assert await budget.balances(line) == {"appropriated": 1_000, **expected}
    await budget.check_books()


TRANSACTIONS = "SELECT count(DISTINCT xmin::text) FROM reservations WHERE state = 'reserved'"
HELD_UP = "SELECT amount FROM balances WHERE line_id = '{line}' AND stage = 'available' FOR UPDATE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@contextlib.asynccontextmanager
async def held_up(budget: Any, line: str) -> AsyncIterator[None]:
    """Hold up a reservation of the line until the block ends, so that those who come meanwhile gather."""
    async with budget.service.runtime.engine.begin() as connection:
        await connection.execute(text(HELD_UP.format(line=line)))
        first = asyncio.create_task(put(budget, opaque_id(), body(line, "1.00")))
        async with asyncio.timeout(10):
            while (await budget.service.execute(WAITING)).scalar_one() == 0:  # noqa: ASYNC110 - only looking tells
                await asyncio.sleep(0.01)
        yield
        # Until all of them have come as far as they can.
        await asyncio.sleep(0.2)
    assert (await first).status_code == 201


async def test_each_has_its_own_answer_when_they_share_a_transaction(budget: Any) -> None:
    line, known, other = await budget.appropriate(1_000), opaque_id(), opaque_id()
    await put(budget, known, body(line))
    asked = [
        (opaque_id(), body(line, "500.00")),
        (RENT, body(line)),
        (known, body(line)),
        (opaque_id(), body(line, "400.00")),
        (RENT, body(line)),
        (RENT, body(line, "99.00")),
        (other, body(line, amount={"amount": "1.00", "currency": "USD"})),
        (opaque_id(), body(line, "299.00")),
    ]
    async with held_up(budget, line):
        tasks = [asyncio.create_task(put(budget, *one)) for one in asked]
    answers = [await task for task in tasks]
    assert [(answer.status_code, answer.json().get("code")) for answer in answers] == [
        (201, None),
        (201, None),
        (200, None),
        (409, "insufficient-funds"),
        (200, None),
        (409, "exists-with-different-amount"),
        (409, "currency-differs"),
        (201, None),
    ]
    for (identifier, content), answer in zip(asked, answers, strict=True):
        if answer.status_code < 300:
            assert (answer.json()["id"], answer.json()["amount"]) == (str(identifier), content["amount"])
    assert (await budget.service.execute(TRANSACTIONS)).scalar_one() == 3
    assert (await budget.service.client.get(f"/v1/reservations/{other}")).status_code == 404
    assert await budget.balances(line) == {"appropriated": 1_000, "reserved": 1_000}
    await budget.check_books()


async def test_each_keeps_its_person_and_its_trace_when_they_share_a_transaction(budget: Any) -> None:
    line, askers = await budget.appropriate(1_000), {opaque_id(): f"p-{number}" for number in range(3)}
    async with held_up(budget, line):
        tasks = [
            asyncio.create_task(
                budget.service.client.put(
                    f"/v1/reservations/{identifier}",
                    json=body(line),
                    headers={
                        "Authorization": budget.service.headers(person, "org-city", "finance-officer")["Authorization"],
                        "traceparent": f"00-{identifier.hex}-00f067aa0ba902b7-01",
                    },
                )
            )
            for identifier, person in askers.items()
        ]
    assert [(await task).status_code for task in tasks] == [201] * 3
    rows = await budget.service.execute("SELECT id, made_by FROM reservations WHERE made_by <> 'p-finance'")
    assert {row.id: row.made_by for row in rows} == askers
    traces = {event.subject: event.traceparent[3:35] for event in (await budget.service.published())[-3:]}
    assert traces == {str(identifier): identifier.hex for identifier in askers}


async def test_others_are_made_when_one_of_a_shared_transaction_cannot_be_committed(budget: Any) -> None:
    line, broken = await budget.appropriate(1_000), opaque_id()
    await budget.service.execute_as_owner(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END $$",
        "CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON reservations DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW WHEN (NEW.purpose = 'Broken') EXECUTE FUNCTION refuse()",
    )
    async with held_up(budget, line):
        tasks = [
            asyncio.create_task(put(budget, *one))
            for one in ((RENT, body(line)), (broken, body(line) | {"purpose": "Broken"}), (opaque_id(), body(line)))
        ]
    assert [(await task).status_code for task in tasks] == [201, 500, 201]
    assert (await budget.service.client.get(f"/v1/reservations/{broken}")).status_code == 404
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 799, "reserved": 201}
    await budget.check_books()


async def test_a_request_has_a_transaction_of_its_own_when_it_has_a_key_or_is_a_dry_run(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    first, again = [
        await budget.service.client.put(
            f"/v1/reservations/{RENT}", json=body(line), headers=budget.officer() | {"Idempotency-Key": "one"}
        )
        for _ in range(2)
    ]
    assert (first.status_code, again.status_code, again.headers["Idempotency-Hit"]) == (201, 201, "true")
    async with held_up(budget, line):
        tasks = [
            asyncio.create_task(put(budget, one, body(line)))
            for one in (opaque_id(), f"{opaque_id()}?dry_run=true", opaque_id())
        ]
    assert [(await task).status_code for task in tasks] == [201] * 3
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 699, "reserved": 301}
