"""A contract that goes over to another provider, where the rule book has a ground for it."""

from typing import Any

from sqlalchemy import text

from shared.rules.pack import load_pack

GROUND = "replacement-of-contractor"
ASKED = {"supplier": "alder", "ground": GROUND, "reason": "A merger."}


async def signed_in_europe(parties: Any) -> str:
    """Return the path of a contract in force, held to a rule book that lets it go over."""
    path = await parties.signed()
    async with parties.service.runtime.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE contracts SET document = document || "
                """'{"pack": "eu-light", "pack_version": "1.0.0"}'::jsonb WHERE id = :id"""
            ),
            {"id": path.rpartition("/")[2]},
        )
    return str(path)


async def test_a_contract_goes_over_when_both_providers_and_two_persons_want_it(parties: Any) -> None:
    path = await signed_in_europe(parties)
    at = f"{path}/assignment"
    birch, alder, cedar = (parties.bidder(name) for name in ("birch", "alder", "cedar"))
    parties.refused(await parties.send("POST", at, alder, ASKED), 403, "not-own-organisation")
    parties.refused(await parties.send("POST", at, parties.head, ASKED), 403, "role-missing")
    await parties.done("POST", at, birch, ASKED)
    assert "requested" not in str(await parties.shown(path))
    for reader in (birch, alder, parties.officer):
        assert (await parties.shown(at, reader))["supplier"]["id"] == "alder"
    parties.refused(await parties.send("GET", at, cedar), 404, "not-found")
    missing = await parties.send("POST", f"{at}/approval", parties.officer)
    rule = "contract-assignment.grounds"
    parties.refused(missing, 409, "assignment-consent-missing", rule, load_pack("eu-light").rule(rule).source)
    parties.refused(await parties.send("POST", f"{at}/consent", birch), 403, "not-own-organisation")
    await parties.done("POST", f"{at}/consent", alder)
    await parties.done("POST", f"{at}/approval", parties.officer)
    assert (await parties.shown(path))["supplier"]["id"] == "birch"
    confirmed = await parties.done("POST", f"{at}/confirmation", parties.head)
    assert confirmed["supplier"]["id"] == "alder"
    assert [(one["before"]["id"], one["ground"]) for one in confirmed["assignments"]] == [("birch", GROUND)]
    kind, told = (await parties.events())[-1]
    assert (kind, told["supplier"]["id"]) == ("contract.assigned.v1", "alder")


async def test_a_contract_does_not_go_over_to_whom_the_registry_does_not_know_as_verified(parties: Any) -> None:
    path = await signed_in_europe(parties)
    at = f"{path}/assignment"
    await parties.done("POST", at, parties.bidder("birch"), {**ASKED, "supplier": "dogwood"})
    unknown = await parties.send("POST", f"{at}/consent", parties.bidder("dogwood"))
    rule = "bidder-verified"
    parties.refused(unknown, 409, "supplier-not-verified", rule, load_pack("eu-light").rule(rule).source)
    refused = await parties.done("POST", f"{at}/refusal", parties.head, {"reason": "It is no provider."})
    assert refused["supplier"]["id"] == "birch"
    assert (await parties.shown(at, parties.bidder("birch")))["refused_because"] == "It is no provider."
    gone = await parties.send("POST", f"{at}/consent", parties.bidder("dogwood"))
    parties.refused(gone, 409, "assignment-not-requested")
