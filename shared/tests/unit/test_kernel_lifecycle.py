"""Lifecycles: what is declared is admitted, everything else is refused or found out."""

from enum import StrEnum

import pytest

from shared.kernel.errors import NotAllowed
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
)


def test_a_declared_act_leads_to_its_state() -> None:
    assert DOOR.move("close", Door.OPEN, Door.CLOSED) is Door.CLOSED


def test_an_act_is_refused_in_another_state() -> None:
    with pytest.raises(NotAllowed) as refused:
        DOOR.move("open", Door.WALLED_UP, Door.OPEN)
    assert (refused.value.code, refused.value.detail) == ("door-not-closed", "The door is walled-up.")
    assert refused.value.satisfied_by == "A door that is closed."


def test_a_refusal_names_every_state_that_would_do() -> None:
    with pytest.raises(NotAllowed) as refused:
        DOOR.admit("wall up", Door.WALLED_UP)
    assert refused.value.satisfied_by == "A door that is open or closed."


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
        "    walled_up --> [*]",
    ]
