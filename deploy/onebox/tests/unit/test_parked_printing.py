"""What an operator reads of events that wait."""

import json
import shlex
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebox.credentials import Credentials
from onebox.options import DEFAULT_URL
from onebox.parked import FieldProblem, ParkedEvent, Problem
from onebox.parked_printing import Invocation, details, followed, next_steps, refusal, rows, short_ids
from onebox.printing import json_text, printable

DEMO = Invocation(DEFAULT_URL, Credentials("operator-1", "hunter2"))
HOSTILE = "a\x1b[2Jb\u202ec\x9bd\n\u2028e"


def event(number: int = 1, **changes: Any) -> ParkedEvent:
    """Return an event that waits; its id begins with its number."""
    known: dict[str, Any] = {
        "service": "tender",
        "consumer": "budget",
        "event_id": UUID(int=number << 96),
        "position": number,
        "key": "ocds-1",
        "type": "budget.reserved.v1",
        "state": "parked",
        "problem": "NotFound: not-found",
        "parked_at": "2026-03-02T10:00:00.5+01:00",
    }
    return ParkedEvent(**known | changes)


@given(st.lists(st.uuids(), unique=True, max_size=20), st.integers(0, 31))
def test_short_ids_are_as_long_as_needed_when_some_begin_alike(ids: list[UUID], alike: int) -> None:
    start = "0" * alike
    known = sorted({str(UUID(start + one.hex[alike:])) for one in ids})
    shortened = short_ids(known)

    assert sorted(shortened) == known
    for whole, short in shortened.items():
        assert whole.startswith(short)
        assert [one for one in known if one.startswith(short)] == [whole]
        assert len(short) == 8 or sum(one.startswith(short[:-1]) for one in known) > 1


def test_columns_stand_below_each_other_when_there_are_several() -> None:
    listed = rows(
        [event(problem="Missing."), event(2, service="provider-registry", key="k", state="queued", problem="Behind.")]
    )
    assert listed == [
        "service            consumer  event     type                key     state   since                 problem",
        "tender             budget    00000001  budget.reserved.v1  ocds-1  parked  2026-03-02 09:00:00Z  Missing.",
        "provider-registry  budget    00000002  budget.reserved.v1  k       queued  2026-03-02 09:00:00Z  Behind.",
    ]


def test_terminal_is_not_steered_when_an_event_would_do_so() -> None:
    hostile = event(key=HOSTILE, type=HOSTILE, problem=HOSTILE, event={HOSTILE: HOSTILE}, discard_reason=HOSTILE)
    told = [*rows([hostile]), *details(hostile), *followed([], [hostile], DEMO)]
    problem = Problem(status=409, title=HOSTILE, detail=HOSTILE, rule=HOSTILE)
    assert all(line.isprintable() for line in [*told, *refusal(problem)])


@given(st.recursive(st.text() | st.integers() | st.none(), lambda inner: st.dictionaries(st.text(), inner)))
def test_json_says_the_same_when_what_cannot_be_printed_is_escaped(value: Any) -> None:
    for indent in (None, 2):
        text = json_text(value, indent)
        assert json.loads(text) == value
        assert all(line.isprintable() for line in text.split("\n"))
    assert "\n" not in json_text(value)


def test_what_can_be_printed_is_left_alone() -> None:
    assert printable("Größe 日本 ✓") == "Größe 日本 ✓"
    assert json_text({"name": "Größe 日本"}) == '{"name": "Größe 日本"}'


def test_event_is_shown_whole_when_there_is_one() -> None:
    lines = details(event(event={"data": {"amount": "1.00"}}, discard_reason="Twice.", state="discarded"))
    assert lines == [
        "budget.reserved.v1 of ocds-1",
        "  event      00000001-0000-0000-0000-000000000000",
        "  service    tender",
        "  consumer   budget",
        "  state      discarded, put aside 2026-03-02 09:00:00Z",
        "  problem    NotFound: not-found",
        "  discarded  Twice.",
        "",
        "{",
        '  "data": {',
        '    "amount": "1.00"',
        "  }",
        "}",
        "",
    ]


@pytest.mark.parametrize(
    ("called", "options"),
    [
        (DEMO, []),
        (
            Invocation("http://h:1", Credentials("operator-2", "hunter2")),
            ["--url", "http://h:1", "--client-id", "operator-2"],
        ),
        (
            Invocation(DEFAULT_URL, Credentials("it's me", "hunter2", "https://issuer.test/a b")),
            ["--client-id", "it's me", "--token-url", "https://issuer.test/a b"],
        ),
    ],
)
def test_commands_can_be_typed_as_they_are_told(called: Invocation, options: list[str]) -> None:
    place = ["tender", "budget", "00000001-0000-0000-0000-000000000000"]
    commands = [line for line in next_steps(event(), [], called) if line.startswith("  ")]
    assert [shlex.split(command) for command in commands] == [
        ["coxswain", "events", "parked", "replay", *place, *options],
        ["coxswain", "events", "parked", "discard", *place, "--reason", "why it need not be handled", *options],
    ]
    assert "hunter2" not in " ".join(commands)


@pytest.mark.parametrize(
    ("client_id", "token_url", "second"),
    [
        ("operator-1", None, ["--client-id", "operator-2"]),
        ("operator-2", None, ["--client-id", "operator-1"]),
        ("operator-1", "https://issuer.test", ["--token-url", "https://issuer.test"]),
        ("somebody", None, []),
    ],
)
def test_second_operator_is_named_when_known(client_id: str, token_url: str | None, second: list[str]) -> None:
    called = Invocation(DEFAULT_URL, Credentials(client_id, "hunter2", token_url))
    words = shlex.split(called.second_person(event()))
    assert words[7:] == ["--confirm", *second]


def test_confirmation_is_offered_when_a_discard_is_proposed() -> None:
    *_, sentence, command = next_steps(event(discard_reason="Twice."), [], DEMO)
    assert sentence == "Confirm that it is never handled, if it was not you who proposed it:"
    assert shlex.split(command)[-1] == "--confirm"


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("queued", "It waits behind an earlier event of its key, and follows when that is replayed or discarded:"),
        ("early", "Nothing needs to be done: it is handled when the earlier event of its key is here."),
        ("replayed", "Nothing is left to be done: it was handled."),
        ("of another version", "Nothing can be done with it here."),
    ],
)
def test_no_command_is_told_when_none_would_help(state: str, sentence: str) -> None:
    assert next_steps(event(state=state), [event(2, state="queued")], DEMO) == [sentence]


def test_the_next_that_is_parked_is_told_when_the_queue_stops() -> None:
    first, second, third, fourth = (event(number, state="queued") for number in (1, 2, 3, 4))
    stopped = third.model_copy(update={"state": "parked", "problem": "NotAllowed: too-late"})
    assert followed([first, second, third, fourth], [stopped, fourth], DEMO) == [
        "Handled behind it: budget.reserved.v1 of ocds-1 (00000001-0000-0000-0000-000000000000).",
        "Handled behind it: budget.reserved.v1 of ocds-1 (00000002-0000-0000-0000-000000000000).",
        "Then budget.reserved.v1 of ocds-1 could not be handled: NotAllowed: too-late",
        "  coxswain events parked show tender budget 00000003-0000-0000-0000-000000000000",
        "Still queued behind that: 1.",
    ]
    assert followed([], [], DEMO) == []


def test_problem_is_told_with_its_rule_when_it_names_one() -> None:
    problem = Problem(
        status=409, title="Refused", detail="No.", rule="r.1", source="Art. 1", satisfied_by="Yes.", trace_id="t"
    )
    assert refusal(problem) == ["Refused", "No.", "rule: r.1", "source: Art. 1", "satisfied by: Yes."]


def test_trace_is_told_when_something_broke() -> None:
    problem = Problem(status=500, title="Broke", detail="Nothing was changed.", trace_id="0af7")
    assert refusal(problem) == ["Broke", "Nothing was changed.", "trace id: 0af7"]


def test_each_field_is_told_when_several_are_wrong() -> None:
    errors = [FieldProblem(pointer="/body/reason", detail="Too long."), FieldProblem(pointer="/body/x", detail="New.")]
    problem = Problem(status=422, title="No sense", detail="No.", errors=errors)
    assert refusal(problem) == ["No sense", "No.", "/body/reason: Too long.", "/body/x: New."]
