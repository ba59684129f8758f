import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import procedure_with_lots as given_lots
import pytest

from portal.api.sentences import meaning, sentence
from portal.domain import types
from portal.domain.course import course
from portal.domain.entry import Entry
from portal.domain.telling import told
from shared.contracts import award, catalogue, tender
from shared.contracts.event import EventData

NAMES = {str(given_lots.NORTH_B): "FastCare Ltd"}


def entry(event_type: str, data: Mapping[str, Any]) -> Entry:
    return Entry(
        id=UUID(int=1), source="tender", position=1, type=event_type, key="k", time=datetime(2026, 3, 2, tzinfo=UTC),
        sandbox=False, event={"data": data},
    )  # fmt: skip


def of(data: EventData) -> Entry:
    return entry(data.TYPE, data.model_dump(mode="json"))


EXAMPLES = [(name, file, data) for name, file, data in catalogue.golden_examples()]


@pytest.mark.parametrize(("event_type", "data"), [(name, data) for name, _, data in EXAMPLES],
                         ids=[f"{name}/{file}" for name, file, _ in EXAMPLES])  # fmt: skip
def test_every_golden_example_is_told_in_a_sentence(event_type: str, data: dict[str, Any]) -> None:
    said = sentence(entry(event_type, data))

    assert said
    # No field of the data is left as it is written for programs.
    assert not re.search(r"[{}]|\d{4}-\d\d-\d\dT|None", said)


@pytest.mark.parametrize("data", [data for _, data in given_lots.journey()], ids=lambda data: data.TYPE)
def test_every_event_of_a_procedure_with_lots_is_told_by_its_own_sentence(data: EventData) -> None:
    said = told(of(data), NAMES, {})

    assert said is not None
    assert said != meaning(data.TYPE)
    assert not re.search(r"[{}]|\d{4}-\d\d-\d\dT|None", said)


OF, B, FAST = given_lots.OF, given_lots.NORTH_B, given_lots.FAST


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (tender.BidsQualified(**OF, qualified=(B,)), "1 bid qualified."),
        (tender.BidsQualified(**OF, qualified=()), "0 bids qualified."),
        (tender.FundsUnneeded(**OF, amount=given_lots.eur(1_000)),
         "1,000.00 EUR that were set aside are not needed any more: the value was lowered."),
        (award.PriceExplained(**OF, bid=B, lot="north", explained_at=given_lots.START),
         "A price was explained by FastCare Ltd."),
        (award.PriceExplained(**OF, bid=UUID(int=99), lot="north", explained_at=given_lots.START),
         "A price was explained by a bidder."),
        (award.PriceExplanationDecided(**OF, bid=B, lot="north", accepted=False, reason="No figures."),
         "The price that FastCare Ltd was asked about does not stand: No figures."),
        (award.PriceExplanationDecided(**OF, bid=B, lot="north", accepted=True, reason="Short routes."),
         "The price that FastCare Ltd was asked about stands: Short routes."),
        (award.DeficiencyDecided(**OF, bid=B, lot="north", accepted=True, reason="It is signed."),
         "What FastCare Ltd handed in puts its bid right: It is signed."),
        (award.DeficiencyDecided(**OF, bid=B, lot="north", accepted=False, reason="Nobody signed."),
         "What FastCare Ltd handed in does not put its bid right: Nobody signed."),
        (award.Cancelled(**OF, lot="north", award=UUID(int=1), bid=B, supplier=FAST, reason="{not} a field"),
         "The award to FastCare Ltd was taken back: {not} a field"),
        (award.Confirmed(**OF, award=UUID(int=1), contract=UUID(int=2), supplier=FAST, value=given_lots.eur(1_000),
                         signature_due=given_lots.START),
         "The award to FastCare Ltd over 1,000.00 EUR was confirmed; its contract is due by 2026-03-02 09:00 UTC."),
    ],
)  # fmt: skip
def test_what_happened_is_said_with_its_figures(data: EventData, said: str) -> None:
    assert told(of(data), NAMES, {}) == said


def test_the_lot_is_named_when_there_are_several() -> None:
    data = [data for _, data in given_lots.journey()]
    found = course([of(one) for one in data])
    lot_ended = next(one for one in data if isinstance(one, tender.LotUnsuccessful))
    signed = next(one for one in data if one.TYPE == types.COMMITTED)

    assert sentence(of(lot_ended), found) == (
        "Lot “East”: The lot ended without an award: There are fewer bids than the rule asks for."
    )
    assert sentence(of(signed), found) == "Lot “North of the river”: 380,000.00 EUR were bound for the contract."
    assert sentence(of(lot_ended)).startswith("The lot ended")


def test_a_type_that_is_not_known_by_name_is_told_by_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    class WeatherChanged(tender.Cancelled, type="tender.weather-changed.v1", owner="tender", key="ocid"):
        """The weather is another."""

    known = {**catalogue.event_types(), WeatherChanged.TYPE: WeatherChanged}
    monkeypatch.setattr(catalogue, "event_types", lambda: known)

    assert sentence(entry(WeatherChanged.TYPE, {})) == "The weather is another."
    assert sentence(entry(WeatherChanged.TYPE, {"reason": "Art. 5"})) == "The weather is another. Art. 5"
    assert sentence(entry(WeatherChanged.TYPE, {"reason": {"en": "x"}})) == "The weather is another."
    assert sentence(entry("tender.never-heard-of.v1", {})) == "tender.never-heard-of.v1"
