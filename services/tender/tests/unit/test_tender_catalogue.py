"""What may be outsourced."""

from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from shared.kernel.errors import Invalid, NotAllowed, NotFound, RuleReference
from shared.rules import strict_yaml
from shared.rules.pack import RulePack, pack_document, read_pack
from tender.domain.catalogue import Catalogue, Catalogues, Decision, Entry, Service, read_catalogues

DAY = date(2026, 3, 2)


def version(name: str, first: str, last: str | None, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"version": name, "effective": {"from": first, "to": last}, "entries": list(entries)}


def entry(code: str, decision: str = "allow", **more: Any) -> dict[str, Any]:
    return {"code": code, "title": code.title(), "decision": decision, "source": f"Act on {code}", **more}


DOCUMENT = {
    "versions": [
        version("6", "2025-01-01", "2025-12-31", entry("youth.clubs")),
        version(
            "7",
            "2026-01-01",
            None,
            entry("youth.clubs", classification={"scheme": "CPV", "id": "85311300"}),
            entry("policing.patrol"),
            entry("policing", "deny", categories=["policing-and-detention"]),
            entry("fostering", "approve-needed"),
            entry("fairs", effective={"from": "2026-04-01", "to": "2026-04-30"}),
        ),
    ]
}


@pytest.fixture
def catalogues() -> Catalogues:
    return read_catalogues(DOCUMENT)


@pytest.fixture
def catalogue(catalogues: Catalogues) -> Catalogue:
    return catalogues.on(DAY)


def test_service_is_found_with_what_is_decided_of_it_when_the_catalogue_has_it(
    catalogue: Catalogue, pack: RulePack
) -> None:
    clubs = catalogue.admit("youth.clubs", pack, DAY)
    assert (clubs.service, clubs.decision) == (Service("youth.clubs", "Youth.Clubs"), Decision.ALLOW)
    assert catalogue.admit("fostering", pack, DAY).decision is Decision.APPROVE_NEEDED


def test_service_is_refused_when_the_catalogue_does_not_have_it(catalogue: Catalogue, pack: RulePack) -> None:
    for code in ("youth", "fostering.night", "youth.clubs.late"):
        with pytest.raises(NotAllowed) as refusal:
            catalogue.admit(code, pack, DAY)
        assert refusal.value.code == "service-not-in-catalogue"
        assert refusal.value.reference == RuleReference("service-in-catalogue", "Coxswain model pack")


@pytest.mark.parametrize("code", ["policing", "policing.patrol", "policing.patrol.night"])
def test_negative_list_overrules_the_catalogue_when_both_have_the_service(
    catalogue: Catalogue, pack: RulePack, code: str
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        catalogue.admit(code, pack, DAY)
    assert refusal.value.code == "service-on-negative-list"
    assert refusal.value.reference == RuleReference("service-not-on-negative-list", "Act on policing")


def test_negative_list_is_silent_when_the_pack_switches_the_rule_off(catalogue: Catalogue) -> None:
    document = pack_document("model")
    document["rules"]["service-not-on-negative-list"]["value"] = False
    assert catalogue.admit("policing.patrol", read_pack(document), DAY).code == "policing.patrol"


@pytest.mark.parametrize(("day", "found"), [("03-31", False), ("04-01", True), ("04-30", True), ("05-01", False)])
def test_entry_counts_on_its_own_days_when_it_has_some(
    catalogue: Catalogue, pack: RulePack, day: str, found: bool
) -> None:
    on = date.fromisoformat(f"2026-{day}")
    if found:
        assert catalogue.admit("fairs", pack, on).code == "fairs"
    else:
        with pytest.raises(NotAllowed, match="service-not-in-catalogue"):
            catalogue.admit("fairs", pack, on)


@pytest.mark.parametrize(
    ("code", "covered"),
    [
        ("policing", True),
        ("policing.patrol", True),
        ("policing-advice", False),
        ("police", False),
        ("x.policing", False),
    ],
)
def test_entry_covers_what_is_below_it_when_it_denies(code: str, covered: bool) -> None:
    assert Entry("policing", "", Decision.DENY, "").covers(code) is covered
    assert Entry("policing", "", Decision.ALLOW, "").covers(code) is (code == "policing")


def test_version_is_that_of_the_day_or_of_the_name_when_asked(catalogues: Catalogues) -> None:
    assert [catalogues.on(date(year, 6, 1)).version for year in (2025, 2026, 2031)] == ["6", "7", "7"]
    assert catalogues.on(date(2025, 12, 31)).version == "6"
    assert catalogues.version("6").effect.last == date(2025, 12, 31)
    with pytest.raises(NotFound, match="catalogue-version-unknown"):
        catalogues.version("5")
    with pytest.raises(NotAllowed, match="catalogue-not-in-force"):
        catalogues.on(date(2024, 12, 31))


@pytest.mark.parametrize(
    "versions",
    [
        [],
        [version("1", "2026-01-01", None), version("2", "2026-06-01", None)],
        [version("1", "2026-01-01", "2026-06-01"), version("2", "2026-06-01", None)],
        [version("2", "2026-06-01", None), version("1", "2026-01-01", "2026-05-31")],
        [version("1", "2026-01-01", "2026-05-31"), version("1", "2026-06-01", None)],
        [version("1", "2026-13-01", None)],
        [version("1", "2026-01-01", None, entry("x", "perhaps"))],
        [version("1", "2026-01-01", None, {"code": "x"})],
        ["1"],
    ],
)
def test_catalogue_is_refused_when_its_versions_do_not_follow_each_other_or_lack_something(versions: list[Any]) -> None:
    with pytest.raises(Invalid, match="catalogue-invalid"):
        read_catalogues({"versions": versions})


def test_own_lists_contradict_each_other_nowhere_when_the_service_ships(pack: RulePack) -> None:
    text = files("tender.domain").joinpath("catalogue.yaml").read_text("utf-8")
    for catalogue in read_catalogues(strict_yaml.read(text)).versions:
        day = catalogue.effect.first
        for item in catalogue.entries:
            if item.decision is not Decision.DENY:
                assert catalogue.admit(item.code, pack, day) == item
                continue
            with pytest.raises(NotAllowed, match="service-on-negative-list"):
                catalogue.admit(item.code, pack, day)
            # The pack's own list knows every category that the catalogue names.
            assert set(item.categories) <= set(pack.choice("negative-list.inherently-governmental"))
