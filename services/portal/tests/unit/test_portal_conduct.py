"""Single sources, the panel, challenges and framework agreements as the portal works them out of events."""

from datetime import timedelta
from uuid import UUID

import conduct_of_a_procedure as given_conduct
from hypothesis import given, settings
from hypothesis import strategies as st
from procedure_with_lots import START

from portal.domain.challenges import ChallengeState
from portal.domain.course import course
from portal.domain.entry import Entry
from portal.domain.lots import LotState
from shared.contracts.event import EventData


def entry(number: int, source: str, data: EventData) -> Entry:
    return Entry(
        id=UUID(int=1000 + number), source=source, position=number, type=data.TYPE, key=data.key(),
        time=START + timedelta(hours=number), sandbox=False, event={"data": data.model_dump(mode="json")},
    )  # fmt: skip


TOLD = [entry(number, source, data) for number, (source, data) in enumerate(given_conduct.conduct())]


@settings(max_examples=25)
@given(st.permutations(TOLD))
def test_the_conduct_is_the_same_in_whatever_order_events_come(shuffled: list[Entry]) -> None:
    assert course(shuffled) == course(TOLD)


@given(st.integers(0, len(TOLD)))
def test_every_beginning_can_be_shown(number: int) -> None:
    assert course(TOLD[:number]).entries == tuple(TOLD[:number])


def test_the_panel_is_who_was_seated_and_stayed_with_the_scores_of_the_last_round() -> None:
    panel = course(TOLD).panel
    assert panel is not None
    assert (panel.experts, panel.representatives) == (2, 1)
    assert panel.members == (str(given_conduct.SECOND), str(given_conduct.THIRD))
    assert [score["value"] for score in panel.scores] == ["77.00", "55.00"]
    anew = next(place for place, one in enumerate(TOLD) if one.type == "tender.panel-round-opened.v1")
    again = course(TOLD[: anew + 1]).panel
    assert again is not None
    # What the round before gave does not count while the panel scores anew.
    assert (again.revealed, again.locked) == (None, ())
    assert course(TOLD[:4]).panel is None


def test_each_challenge_stands_where_its_last_event_left_it() -> None:
    assert [(one.id, one.state, one.remedy) for one in course(TOLD).challenges] == [
        (str(given_conduct.UPHELD), ChallengeState.UPHELD, "qualify-again"),
        (str(given_conduct.LAPSED), ChallengeState.CLOSED, None),
        (str(given_conduct.CONCEDED), ChallengeState.CONCEDED, "evaluate-again"),
    ]
    states = []
    for number in range(len(TOLD)):
        if TOLD[number].data.get("challenge") == str(given_conduct.UPHELD):
            states += [one.state for one in course(TOLD[: number + 1]).challenges]
    assert states == ["raised", "answered", "complaint", "admitted", "upheld"]


def test_a_single_source_has_its_objections_with_their_reviews() -> None:
    (publicity,) = course(TOLD).publicities
    (objection,) = publicity.objections
    assert publicity.publicised is not None
    assert objection.reviewed is not None
    assert (publicity.publicised.data["ground"], objection.reviewed.data["outcome"]) == ("only-provider", "upheld")


def test_a_framework_agreement_has_its_orders_and_what_they_come_to() -> None:
    found = course(TOLD)
    (framework,) = found.frameworks
    assert [(order.contract, order.returned is not None) for order in framework.orders] == [
        (str(given_conduct.ORDERED), False),
        (str(given_conduct.RETURNED), True),
    ]
    assert [place["rank"] for place in framework.ranking] == [1, 2, 3]
    assert framework.spent is not None
    assert framework.spent.data["called_off"]["amount"] == "70000.00"
    assert [one.type for one in framework.further] == ["award.supplier-joined.v1"]
    assert next(lot.state for lot in found.lots if lot.id == framework.lot) is LotState.AWARDED
