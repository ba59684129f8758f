"""Lifecycles: what is declared is admitted, everything else is refused or found out."""

from enum import StrEnum

import pytest

from shared.kernel.errors import NotAllowed, RuleReference
from shared.kernel.lifecycle import UndeclaredTransitionError, diagram, lifecycle, transition


class Door(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    WALLED_UP = "walled-up"


DOOR = lifecycle(
    "door",
    "open",
    transition("close", "open", "closed", "anybody"),
    transition("open", "closed", "open", "anybody"),
    transition("wall up", "open closed", "walled-up", "a mason"),
    transition("knock", "closed", "closed", "anybody"),
    transition("paint", "closed", "closed", "a painter", rule="paint-dry"),
)


def test_a_declared_act_leads_to_its_state() -> None:
    assert DOOR.move("close", Door.OPEN, Door.CLOSED) is Door.CLOSED


def test_an_act_is_refused_in_another_state() -> None:
    with pytest.raises(NotAllowed) as refused:
        DOOR.move("open", Door.WALLED_UP, Door.OPEN)
    assert (refused.value.code, refused.value.detail) == ("door-not-closed", "The door is walled-up.")
    assert refused.value.satisfied_by == "A door that is closed. Nothing leads there from walled-up."
    assert refused.value.reference is None


def test_a_refusal_names_every_state_that_would_do() -> None:
    with pytest.raises(NotAllowed) as refused:
        DOOR.admit("wall up", Door.WALLED_UP)
    assert refused.value.satisfied_by == "A door that is open or closed. Nothing leads there from walled-up."


def test_a_refusal_says_by_whose_acts_the_state_that_is_needed_comes_about() -> None:
    with pytest.raises(NotAllowed) as refused:
        DOOR.expect(Door.WALLED_UP, Door.CLOSED)
    assert refused.value.code == "door-not-walled-up"
    assert refused.value.satisfied_by == "A door that is walled-up. From closed: wall up (a mason)."
    way = lifecycle(
        "form",
        "blank",
        transition("fill in", "blank", "filled-in", "a clerk"),
        transition("sign", "filled-in", "signed", "a head"),
        transition("tear up", "blank filled-in", "torn", "anybody"),
        transition("file", "signed", "filed", "an archivist"),
    )
    with pytest.raises(NotAllowed) as refused:
        way.admit("file", "blank")
    assert refused.value.satisfied_by == "A form that is signed. From blank: fill in (a clerk), then sign (a head)."


class Painting:
    def reference(self, rule_id: str) -> RuleReference:
        return RuleReference(rule_id, "Painters' code, s. 3")


def test_a_refusal_cites_the_rule_that_the_act_rests_on() -> None:
    DOOR.admit("paint", Door.CLOSED, Painting())
    for refuse in (
        lambda: DOOR.admit("paint", Door.OPEN, Painting()),
        lambda: DOOR.move("paint", Door.OPEN, Door.CLOSED, Painting()),
    ):
        with pytest.raises(NotAllowed) as refused:
            refuse()
        assert refused.value.reference == RuleReference("paint-dry", "Painters' code, s. 3")


def test_an_act_that_rests_on_a_rule_is_admitted_only_with_a_pack() -> None:
    with pytest.raises(UndeclaredTransitionError, match="paint-dry"):
        DOOR.admit("paint", Door.CLOSED)


def test_an_act_that_leads_elsewhere_is_a_defect_and_no_refusal() -> None:
    with pytest.raises(UndeclaredTransitionError):
        DOOR.move("close", Door.OPEN, Door.WALLED_UP)


def test_states_are_named_once_the_first_first() -> None:
    assert DOOR.states == ("open", "closed", "walled-up")


def test_states_that_one_act_names_stand_by_alphabet_whatever_order_a_process_hashes_them_in() -> None:
    names = "elm ash yew oak box fir"
    assert lifecycle("tree", "seed", transition("grow", "seed", names, "rain")).states == (
        "seed",
        "ash",
        "box",
        "elm",
        "fir",
        "oak",
        "yew",
    )


def test_nothing_leads_out_of_a_final_state() -> None:
    assert DOOR.final == {"walled-up"}


def test_the_diagram_has_every_transition() -> None:
    assert diagram(DOOR).splitlines() == [
        "stateDiagram-v2",
        "    [*] --> open",
        "    open --> closed: close (anybody)",
        "    closed --> open: open (anybody)",
        "    open --> walled_up: wall up (a mason)",
        "    closed --> walled_up: wall up (a mason)",
        "    closed --> closed: knock (anybody)",
        "    closed --> closed: paint (a painter)",
        "    walled_up --> [*]",
    ]
