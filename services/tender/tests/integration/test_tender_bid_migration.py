"""Bids that were received before there were acts keep counting as they did."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from shared.platform.database import create_engine
from shared.testing.postgres import PostgresForTests, as_owner
from tender.db import bids
from tender.domain.bid import BidStatus

MIGRATIONS = Path(__file__).parents[2] / "migrations"
TENDER = UUID(int=1)
BIDS = (  # id, bidder, received at this minute: the third arrived last although its clock says otherwise
    (11, "alder", 5),
    (12, "birch", 6),
    (13, "alder", 4),
    (14, "cedar", 7),
)


def config(url: str) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["url"] = url
    return made


@pytest.fixture
def before(postgres: PostgresForTests) -> Any:
    """A database as it was before, without anything in it."""

    def bring(url: str) -> None:
        script = ScriptDirectory.from_config(config(url)).get_revision("0006")
        command.upgrade(config(url), str(script.down_revision))

    template = postgres.template("tender-before-acts", bring)
    url = as_owner(postgres.new_database(template))
    yield url
    postgres.drop(url)


async def test_last_to_arrive_stands_when_bids_of_before_are_brought_along(before: str) -> None:
    engine = create_engine(before)
    async with engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO tenders (id, version, state, document, buyer) VALUES (:id, 1, 'active', '{}', 'city')"),
            {"id": TENDER},
        )
        for number, bidder, minute in BIDS:
            await connection.execute(
                text(
                    "INSERT INTO bids (id, tender, lot, bidder, bidder_name, received_at, digest, scheme, envelope,"
                    " receipt) VALUES (:id, :tender, 'lot-1', :bidder, :bidder, make_timestamptz(2026, 3, 2, 12,"
                    " :minute, 0, 'UTC'), repeat('0', 64), 'access/v1', 'x', :receipt)"
                ),
                {"id": UUID(int=number), "tender": TENDER, "bidder": bidder, "minute": minute, "receipt": f"r{number}"},
            )
    await asyncio.to_thread(command.upgrade, config(before), "head")
    async with engine.connect() as connection:
        found = {bid.id.int: bid for bid in await bids.found(connection, tender=TENDER)}
        assert {number: bid.status for number, bid in found.items()} == {
            11: BidStatus.REPLACED,
            12: BidStatus.SUBMITTED,
            13: BidStatus.SUBMITTED,
            14: BidStatus.SUBMITTED,
        }
        assert {number: bid.received_at.minute for number, bid in found.items()} == {11: 5, 12: 6, 13: 4, 14: 7}
        assert [bid.bid.int for bid in await bids.standing(connection, TENDER)] == [13, 12, 14]
        # Their digests were made without a salt, and are checked with an empty one.
        assert {bid.salt for bid in found.values()} == {""}
        assert await bids.receipt(connection, UUID(int=11), "alder") == "r11"
    await engine.dispose()
