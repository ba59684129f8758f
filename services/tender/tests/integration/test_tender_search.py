"""The list of tenders, narrowed down: compared with a filter over the same tenders in Python."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.ids import new_id
from shared.kernel.money import Money
from shared.platform.database import create_engine
from shared.platform.embedded_postgres import execute
from shared.testing.postgres import as_owner
from tender.db import store
from tender.domain.catalogue import Service
from tender.domain.parts import Lot, Party, Status
from tender.domain.tender import Tender

BUYERS = ("city", "county", "north.office:1")
SERVICES = ("elder-care.home", "meals.delivered", "cleaning")
PACKS = ("model", "cn-services")
METHODS = ("open", "restricted")
CURRENCIES = ("EUR", "JPY", "KWD")
AMOUNTS = (1, 999, 1_000, 125_000_000, 10**15)
BEGINNING = datetime(2026, 3, 2, 12, tzinfo=UTC)
INSTANTS = (None, *(BEGINNING + timedelta(days=days, microseconds=days % 2) for days in (-4000, 0, 1, 2)))
NUMBER = 90


@dataclass(frozen=True, slots=True)
class Listed:
    """A service with tenders of every kind, and what they are."""

    parties: Any
    tenders: tuple[Tender, ...]

    async def ids(self, parameters: Mapping[str, str], limit: int) -> list[str]:
        """Return the ids on all pages."""
        found: list[str] = []
        page: dict[str, Any] = {"next": ""}
        while page["next"] is not None:
            cursor = {"cursor": page["next"]} if page["next"] else {}
            response = await self.parties.service.client.get(
                "/v1/tenders", params={**parameters, **cursor, "limit": limit}
            )
            assert response.status_code == 200, response.text
            page = response.json()
            assert len(page["items"]) <= limit
            found += [item["id"] for item in page["items"]]
        return found

    def expected(self, parameters: Mapping[str, str]) -> list[str]:
        """Filter in Python, the newest first."""
        wanted = [CONDITIONS[name](value) for name, value in parameters.items()]
        kept = [item for item in self.tenders if not item.hidden and all(holds(item) for holds in wanted)]
        return [str(item.id) for item in sorted(kept, key=lambda item: item.id.int, reverse=True)]


def closes(holds: Callable[[datetime], bool]) -> Callable[[Tender], bool]:
    return lambda item: item.closes_at is not None and holds(item.closes_at)


CONDITIONS: Mapping[str, Callable[[str], Callable[[Tender], bool]]] = {
    "status": lambda value: lambda item: item.status == value,
    "buyer": lambda value: lambda item: item.buyer.id == value,
    "service": lambda value: lambda item: item.service.code == value,
    "method": lambda value: lambda item: item.content.procurement.method == value,
    "pack": lambda value: lambda item: item.pack == value,
    "currency": lambda value: lambda item: item.content.value.currency == value,
    "value_from": lambda value: lambda item: item.content.value.amount >= Decimal(value),
    "value_to": lambda value: lambda item: item.content.value.amount <= Decimal(value),
    "closes_from": lambda value: closes(lambda at: at >= datetime.fromisoformat(value)),
    "closes_before": lambda value: closes(lambda at: at < datetime.fromisoformat(value)),
}


def made(pattern: Tender, number: int) -> Tender:
    """Make one of many: the parts repeat after different numbers of tenders, so that all combinations turn up."""
    value = Money(AMOUNTS[number % 5], CURRENCIES[number // 2 % 3])
    identifier, status = new_id(), list(Status)[number % len(Status)]
    return replace(
        pattern,
        id=identifier,
        ocid=f"ocds-coxswn-{identifier}",
        buyer=Party(BUYERS[number // 3 % 3], "An office"),
        service=Service(SERVICES[number // 5 % 3], "A service"),
        content=replace(
            pattern.content,
            value=value,
            lots=(Lot("lot-1", "All of it", value),),
            procurement=replace(pattern.content.procurement, method=METHODS[number // 11 % 2]),
        ),
        pack=PACKS[number // 7 % 2],
        status=status,
        published_at=None if status is Status.DRAFT else INSTANTS[number // 4 % len(INSTANTS)],
        closes_at=INSTANTS[number // 4 % len(INSTANTS)],
    )


@pytest.fixture(scope="module")
async def listed(run_tender: Any) -> AsyncIterator[Listed]:
    async with run_tender() as parties:
        drafted = UUID((await parties.draft())["id"])
        engine = parties.service.runtime.engine
        async with engine.begin() as connection:
            pattern = await store.tender(connection, drafted)
            tenders = [made(pattern, number) for number in range(NUMBER)]
            # Kept in another order than drafted.
            for tender in sorted(tenders, key=lambda item: item.id.int % 97):
                await store.add_tender(connection, tender)
        # What the planner knows does not depend on when PostgreSQL finds the time.
        execute(owner_url(parties), "VACUUM ANALYZE tenders")
        yield Listed(parties, (pattern, *tenders))


def owner_url(parties: Any) -> str:
    return as_owner(parties.service.runtime.engine.url.render_as_string(hide_password=False))


def amounts(currency: str) -> st.SearchStrategy[str]:
    return st.sampled_from(AMOUNTS).map(lambda minor: f"{Money(minor, currency).amount:f}")


@st.composite
def searches(draw: st.DrawFn) -> dict[str, str]:
    chosen = {
        "status": st.sampled_from([status.value for status in Status]),
        "buyer": st.sampled_from([*BUYERS, "nobody"]),
        "service": st.sampled_from([*SERVICES, "roads"]),
        "method": st.sampled_from([*METHODS, "invited"]),
        "pack": st.sampled_from([*PACKS, "uk-2023"]),
        "closes_from": st.sampled_from([at.isoformat() for at in INSTANTS if at]),
        "closes_before": st.sampled_from([at.isoformat() for at in INSTANTS if at]),
    }
    parameters = {name: draw(values) for name, values in chosen.items() if draw(st.integers(0, 2)) == 0}
    if draw(st.booleans()):
        currency = draw(st.sampled_from(CURRENCIES))
        parameters["currency"] = currency
        parameters |= {name: draw(amounts(currency)) for name in ("value_from", "value_to") if draw(st.booleans())}
    return parameters


@settings(max_examples=80, deadline=None)
@given(searches(), st.integers(1, 60))
async def test_pages_hold_what_a_filter_in_python_keeps_when_tenders_are_searched(
    listed: Listed, parameters: dict[str, str], limit: int
) -> None:
    assert await listed.ids(parameters, limit) == listed.expected(parameters)


@pytest.mark.parametrize("status", list(Status))
async def test_drafts_are_in_no_list_when_a_state_is_asked_for(listed: Listed, status: Status) -> None:
    found = await listed.ids({"status": status.value}, 50)
    assert found == listed.expected({"status": status.value})
    assert bool(found) == (status is not Status.DRAFT)


async def test_page_goes_on_where_it_ended_when_tenders_are_added_in_between(run_tender: Any) -> None:
    async with run_tender() as parties:
        first, second = await parties.requested(), await parties.requested()
        page = await parties.shown("/v1/tenders?limit=1&status=funding-requested")
        await parties.requested()
        following = await parties.shown(f"/v1/tenders?limit=1&status=funding-requested&cursor={page['next']}")
        assert [item["id"] for item in (*page["items"], *following["items"])] == [second["id"], first["id"]]
        assert following["next"] is None


async def test_columns_follow_the_document_when_a_tender_is_rewritten(run_tender: Any) -> None:
    async with run_tender() as parties:
        tender = await parties.requested()
        await parties.refuse_funds(tender)
        lot = {"id": "lot-1", "title": "All of it", "value": {"amount": "10.00", "currency": "EUR"}}
        body = parties.content_body(value=lot["value"], lots=[lot])
        path = f"/v1/tenders/{tender['id']}"
        await parties.done("PUT", path, parties.officer, body, version=3)
        await parties.done("POST", f"{path}/publication", parties.head)
        below = "/v1/tenders?currency=EUR&value_to=10.00"
        assert [item["id"] for item in (await parties.shown(below))["items"]] == [tender["id"]]
        assert (await parties.shown("/v1/tenders?closes_from=2020-01-01T00:00:00Z"))["items"] == []
        await parties.fund(await parties.shown(path))
        closing = (await parties.shown(path))["closes_at"]
        found = await parties.shown(f"/v1/tenders?closes_from={closing}")
        assert [item["id"] for item in found["items"]] == [tender["id"]]
        assert (await parties.shown(f"/v1/tenders?closes_before={closing}"))["items"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("value_from=1.00", "currency-missing"),
        ("value_to=1.00", "currency-missing"),
        ("currency=eur", "value-invalid"),
        ("currency=EUR&value_from=1e3", "decimal-malformed"),
        ("currency=EUR&value_from=1.001", "amount-too-fine"),
        ("currency=JPY&value_to=1.5", "amount-too-fine"),
        ("currency=EUR&value_to=9999999999999999999", "amount-too-large"),
        ("closes_from=2026-03-02", "value-invalid"),
        ("closes_from=2026-03-02T12:00:00", "value-invalid"),
        ("closes_before=soon", "value-invalid"),
        # There are no such instants in UTC.
        ("closes_from=0001-01-01T00:00:00%2B14:00", "value-invalid"),
        ("closes_before=9999-12-31T23:59:59.999999-14:00", "value-invalid"),
        ("buyer=%00", "value-invalid"),
        ("service=%27%20OR%201", "value-invalid"),
        ("pack=Model", "value-invalid"),
        ("method=", "value-invalid"),
    ],
)
async def test_search_is_refused_when_it_is_asked_for_badly(listed: Listed, query: str, code: str) -> None:
    listed.parties.refused(await listed.parties.send("GET", f"/v1/tenders?{query}"), 422, code)


PLANNED: Sequence[tuple[str, str]] = (
    ("buyer = 'city'", "tenders_buyer"),
    ("service = 'cleaning'", "tenders_service"),
    ("method = 'invited'", "tenders_method"),
    ("pack = 'uk-2023'", "tenders_pack"),
    ("currency = 'EUR' AND value_minor BETWEEN 5 AND 9", "tenders_value"),
    ("closes_at >= '2100-01-01T00:00:00Z' AND closes_at < '2101-01-01T00:00:00Z'", "tenders_closes_at"),
    ("state <> 'active'", "tenders_listed"),
)


@pytest.mark.parametrize(("condition", "index"), PLANNED)
async def test_index_answers_when_a_table_is_never_read_through(listed: Listed, condition: str, index: str) -> None:
    engine = create_engine(owner_url(listed.parties))
    async with engine.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        # So few rows are found as fast in any other index.
        others = await connection.exec_driver_sql(
            "SELECT string_agg(indexname, ', ') FROM pg_indexes "
            f"WHERE tablename = 'tenders' AND indexname NOT IN ('tenders_pkey', '{index}') AND indexdef !~ 'UNIQUE'"
        )
        await connection.exec_driver_sql(f"DROP INDEX {others.scalar_one()}")
        rows = await connection.exec_driver_sql(
            f"EXPLAIN SELECT id FROM tenders WHERE state <> 'draft' AND {condition} ORDER BY id DESC LIMIT 51"
        )
        plan = "\n".join(row[0] for row in rows)
        await connection.rollback()
    await engine.dispose()
    assert index in plan
