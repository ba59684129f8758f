"""What the registry knew at an instant stays known, whatever is entered later."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from provider_registry.db import evidence_packs, states, store
from provider_registry.db.tables import providers
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Status
from shared.kernel.errors import Stale
from shared.platform.embedded_postgres import execute
from shared.testing.postgres import PostgresForTests, as_owner

MIGRATIONS = Path(__file__).parents[2] / "migrations"


async def known(registry: Any, at: Any) -> list[Provider]:
    async with registry.service.runtime.engine.connect() as connection:
        return await states.known(connection, providers, Provider, "oarsmen", at)


async def test_state_of_each_instant_is_known_when_it_has_changed_since(registry: Any) -> None:
    clock = registry.service.clock
    instants = [clock.now()]
    clock.advance(hours=1)
    for step in (registry.register, registry.submit, registry.check, registry.verify):
        assert (await step()).is_success
        instants.append(clock.now())
        clock.advance(hours=1)
    assert [[one.status for one in await known(registry, at)] for at in instants] == [
        [],
        [Status.REGISTERED],
        [Status.SUBMITTED],
        [Status.CHECKED],
        [Status.VERIFIED],
    ]
    assert [one.version for one in await known(registry, clock.now())] == [4]


async def test_everything_known_of_one_organisation_comes_by_kind_when_these_are_asked(registry: Any) -> None:
    for organisation in ("oarsmen", "scullers"):
        await registry.bring("submitted", organisation)
        path = f"/v1/providers/{organisation}/evidence-pack"
        assert (await registry.post(path, registry.clerk(organisation), {"pack": "model"})).status_code == 200
    async with registry.service.runtime.engine.connect() as connection:
        now = registry.service.clock.now()
        found = await states.known_of_all(connection, "scullers", now, providers, evidence_packs.evidence_packs)
        alone = await states.known_of_all(connection, "scullers", now, providers)
    assert {kind: [document["organisation"] for document in documents] for kind, documents in found.items()} == {
        "providers": ["scullers"],
        "evidence_packs": ["scullers"],
    }
    assert alone == {"providers": found["providers"]}


async def test_nothing_is_kept_when_somebody_else_was_faster(registry: Any) -> None:
    await registry.bring("registered")
    engine, now = registry.service.runtime.engine, registry.service.clock.now()
    async with engine.connect() as connection:
        before = await store.provider(connection, "oarsmen")
        after, _ = before.change(name="Oarsmen", legal_form=before.legal_form, at=now)
        await store.save(connection, before, after, now)
        with pytest.raises(Stale):
            await store.save(connection, before, after, now)
        await connection.rollback()
    assert [one.version for one in await known(registry, now)] == [1]


@pytest.mark.parametrize("change", ["UPDATE states SET version = 9", "DELETE FROM states", "TRUNCATE states"])
async def test_database_refuses_when_what_was_known_is_changed(registry: Any, change: str) -> None:
    await registry.bring("registered")
    with pytest.raises(DBAPIError, match=r"permission denied|never changed"):
        await registry.service.execute(change)


def migrate_to(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def test_present_state_is_known_from_its_last_event_when_there_was_no_history(postgres: PostgresForTests) -> None:
    url = as_owner(postgres.new_database(postgres.template("registry_0003", lambda owner: migrate_to(owner, "0003"))))
    identifier = "00000000-0000-4000-8000-000000000001"
    document = '{"organisation": "oarsmen", "identifier": {"scheme": "ZZ", "id": "1"}}'
    execute(
        url,
        f"""
        INSERT INTO providers (id, version, state, document, organisation, identifier)
            VALUES ('{identifier}', 2, 'submitted', '{document}', 'oarsmen', 'x');
        INSERT INTO events (id, type, key, aggregate, version, occurred_at, sandbox, data)
            SELECT gen_random_uuid(), 'provider.registered.v1', 'oarsmen', '{identifier}', version,
                timestamptz '2026-03-02T09:00Z' + version * interval '1 hour', false, '{{}}'
            FROM generate_series(1, 2) AS version;
    """,
    )
    migrate_to(url, "head")
    rows = execute(url, "SELECT kind, organisation, version, recorded_at AT TIME ZONE 'UTC' FROM states")
    numbers = execute(url, "SELECT scheme, id, organisation FROM provider_identifiers")
    postgres.drop(url)
    assert numbers.strip() == "ZZ|1|oarsmen"
    assert rows.strip() == "providers|oarsmen|2|2026-03-02 11:00:00"
