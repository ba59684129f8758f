"""What may be outsourced."""

from importlib.resources import files
from typing import Any

import pytest
import yaml

from shared.kernel.errors import NotAllowed, RuleReference
from shared.rules.pack import RulePack, pack_document, read_pack
from tender.domain.catalogue import Catalogue, Excluded, Service, read_catalogue

DOCUMENT: dict[str, Any] = {
    "version": "7",
    "services": [{"code": "youth.clubs", "title": "Youth clubs"}, {"code": "policing.patrol", "title": "Patrols"}],
    "negative": [{"code": "policing", "title": "The use of force", "source": "Constitution, art. 33"}],
}


@pytest.fixture
def catalogue() -> Catalogue:
    return read_catalogue(DOCUMENT)


def test_service_is_found_when_the_catalogue_has_it(catalogue: Catalogue, pack: RulePack) -> None:
    assert catalogue.admit("youth.clubs", pack) == Service("youth.clubs", "Youth clubs")


def test_service_is_refused_when_the_catalogue_does_not_have_it(catalogue: Catalogue, pack: RulePack) -> None:
    with pytest.raises(NotAllowed) as refusal:
        catalogue.admit("youth", pack)
    assert refusal.value.code == "service-not-in-catalogue"
    assert refusal.value.reference == RuleReference("service-in-catalogue", "Coxswain model pack")


@pytest.mark.parametrize("code", ["policing", "policing.patrol", "policing.patrol.night"])
def test_negative_list_overrules_the_catalogue_when_both_have_the_service(
    catalogue: Catalogue, pack: RulePack, code: str
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        catalogue.admit(code, pack)
    assert refusal.value.code == "service-on-negative-list"
    assert refusal.value.reference == RuleReference("service-not-on-negative-list", "Constitution, art. 33")


def test_negative_list_is_silent_when_the_pack_switches_the_rule_off(catalogue: Catalogue) -> None:
    document = pack_document("model")
    document["rules"]["service-not-on-negative-list"]["value"] = False
    assert catalogue.admit("policing.patrol", read_pack(document)).title == "Patrols"


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
def test_entry_covers_what_is_below_it_when_asked(code: str, covered: bool) -> None:
    assert Excluded("policing", "", "").covers(code) is covered


def test_own_lists_contradict_each_other_nowhere_when_the_service_ships(pack: RulePack) -> None:
    shipped = read_catalogue(yaml.safe_load(files("tender.domain").joinpath("catalogue.yaml").read_text("utf-8")))
    assert [shipped.admit(service.code, pack) for service in shipped.services] == list(shipped.services)
    for entry in shipped.negative:
        with pytest.raises(NotAllowed, match="service-on-negative-list"):
            shipped.admit(entry.code, pack)
