"""`coxswain rules replay`: events in, other rules, what would have changed out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from golden_procedure import EXAMPLES, MEALS, OCID, PACKS, Write, event, lines, meals, replayed, run, sentence

from onebox.replay import chart
from onebox.replay.course import read_courses
from onebox.replay.events import from_feed
from onebox.replay.unusable import Unusable
from shared.contracts.event import Event
from shared.rules.loader import pack_document

ENDED = {"ocid": OCID, "tender": MEALS["tender.published.v1"]["tender"], "bids": 1, "reason": "Too few.", "source": "x"}


def test_nothing_changes_when_the_golden_procedure_is_replayed_under_its_own_pack(log: Write) -> None:
    document = replayed(log(lines(meals())))
    (lot,) = document["lots"]
    assert (lot["ocid"], lot["outcome"], lot["assumptions"]) == (OCID, "unchanged", [])
    published = MEALS["award.proposed.v1"]["ranking"]
    assert [(bid["bid"], bid["total"]) for bid in lot["ranking"]] == [(bid["bid"], bid["total"]) for bid in published]
    assert lot["before"] == lot["after"]
    assert document["not_replayed"] == document["unsuccessful"] == []


def test_ranking_is_put_together_when_one_event_had_no_room_for_it(log: Write) -> None:
    whole = MEALS["award.proposed.v1"]
    first, rest = whole["ranking"][:1], whole["ranking"][1:]
    steps = whole["derivation"]
    of = {name: whole[name] for name in ("ocid", "tender", "award")} | {"lot": "lot-1", "parts": 3}
    continued = [
        ("award.ranking-continued.v1", {**of, "part": 2, "ranking": rest, "derivation": steps[:5]}),
        ("award.ranking-continued.v1", {**of, "part": 3, "ranking": [], "derivation": steps[5:]}),
        # Another proposal's goes to that one.
        ("award.ranking-continued.v1", {**of, "award": None, "part": 2, "ranking": rest, "derivation": steps}),
    ]
    shared = {"lot": "lot-1", "parts": 3, "ranking": first, "derivation": []}
    told = meals(proposed=shared, confirmed={"lot": "lot-1"})
    alone = replayed(log(lines(told)))
    assert [lot["code"] for lot in alone["not_replayed"]] == ["scores-not-published"]
    (lot,) = replayed(log(lines([*told[:3], *continued, *told[3:]])))["lots"]
    assert (lot["outcome"], len(lot["ranking"])) == ("unchanged", len(whole["ranking"]))


def test_winner_and_money_change_when_the_lowest_price_decides(log: Write) -> None:
    document = replayed(log(lines(meals())), "--set", "price-formula=lowest_price")
    (lot,) = document["lots"]
    assert (lot["before"]["bidder"], lot["after"]["bidder"]) == (
        "Meals Cooperative of the Lakeside",
        "Oarsmen Neighbourhood Care",
    )
    # 1,000,000 instead of 1,050,000: -50,000/1,050,000 = -4.7619 %
    assert (lot["price_difference"], lot["price_difference_percent"]) == ("-50000.00", "-4.76")
    assert document["totals"][0]["difference"] == "-50000.00"


def test_table_tells_what_changed_when_people_read_it(log: Write) -> None:
    ended = run("--pack", "model", "--events", log(lines(meals())), "--set", "price-formula=lowest_price")
    told = " ".join(ended.stdout.split())
    assert ended.exit_code == 0
    assert "1 that would have ended otherwise" in told
    assert "(-4.76 %)" in told
    assert "1 replayed: 0 with the same winner, 1 with another" in told


def test_terminal_is_not_steered_when_a_title_would(log: Write) -> None:
    file = log(lines(meals(published={"title": "\x1b[31mMeals"}, proposed={"supplier": {"id": "x", "name": "X"}})))
    ended = run("--pack", "model", "--events", file)
    assert ended.exit_code == 0
    assert "\x1b" not in ended.stdout


def test_report_and_chart_are_written_when_files_are_named(log: Write, tmp_path: Path) -> None:
    out, drawn = tmp_path / "report.json", tmp_path / "chart.vl.json"
    document = replayed(log(lines(meals())), "--out", str(out), "--chart", str(drawn), "--set", "price-formula=min_max")
    assert json.loads(out.read_text("utf-8")) == document
    described = json.loads(drawn.read_text("utf-8"))
    before, after = (layer["data"]["values"] for layer in described["layer"][1:])
    # 1,050,000 of 1,200,000
    assert (before[0]["price"], before[0]["quality"]) == (87.5, 88.9911)
    assert len(after) == 1
    (lot,) = document["lots"]
    assert after[0]["outcome"] == lot["outcome"]


def test_chart_leaves_out_a_lot_when_it_has_no_value() -> None:
    winner = {"price": "0.00", "quality": "80"}
    lot = {"value": "0.00", "before": winner, "after": winner, "outcome": "unchanged", "title": "Meals"}
    described = chart.describe({"pack": {"id": "model", "version": "1", "formula": "min_max"}, "lots": [lot]})
    assert [layer["data"]["values"] for layer in described["layer"]] == [[], [], []]


@pytest.mark.parametrize("procurement", [None, {"method": "open"}, {"method": "competitive-consultation"}])
def test_method_is_that_of_the_publication_when_a_procedure_is_put_together(procurement: Any) -> None:
    (published, *_) = meals(published={"procurement": procurement})
    courses = read_courses([Event.model_validate(event(*published))])
    assert courses[OCID].method == (procurement["method"] if procurement else "open")


@pytest.mark.parametrize("text", ["from: 2026-02-30", "[" * 5000])
def test_pack_file_is_refused_in_one_sentence_when_the_reader_gives_up(tmp_path: Path, log: Write, text: str) -> None:
    file = tmp_path / "pack.yaml"
    file.write_text(text, "utf-8")
    assert sentence(run("--pack", file, "--events", log(lines(meals())))).endswith("is not the YAML of a pack.")


def test_chart_is_refused_in_one_sentence_when_the_library_is_missing(
    log: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(chart.importlib, "import_module", missing)
    file = tmp_path / "chart.svg"
    said = sentence(run("--pack", "model", "--events", log(lines(meals())), "--chart", file))
    assert "onebox[charts]" in said
    assert not file.exists()


def test_chart_is_drawn_by_the_library_when_it_is_there(
    log: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Library:
        @staticmethod
        def vegalite_to_svg(described: str) -> str:
            return f"<svg>{json.loads(described)['title']['text']}</svg>"

    monkeypatch.setattr(chart.importlib, "import_module", lambda name: Library if name == "vl_convert" else None)
    file = tmp_path / "chart.svg"
    assert run("--pack", "model", "--events", log(lines(meals())), "--chart", file).exit_code == 0
    assert file.read_text("utf-8") == "<svg>Awards replayed under model@1.0.0</svg>"


def test_lots_are_replayed_each_by_itself_when_the_events_name_them(log: Write) -> None:
    opened = MEALS["tender.opened.v1"]["bids"]
    proposed, confirmed = MEALS["award.proposed.v1"], MEALS["award.confirmed.v1"]
    other = "0197c3a0-5f00-7a11-8c22-0000000000aa"
    two = [{**lot, "id": f"lot-{number}"} for number, lot in enumerate(MEALS["tender.published.v1"]["lots"] * 2, 1)]
    events = [
        *meals(
            "award.proposed.v1",
            "award.confirmed.v1",
            published={"lots": two},
            opened={"bids": [{**bid, "lot": "lot-1"} for bid in opened] + [{**opened[0], "lot": "lot-2"}]},
        ),
        ("award.proposed.v1", {**proposed, "lot": "lot-1"}),
        ("award.proposed.v1", {**proposed, "award": other, "lot": "lot-2"}),
        ("award.confirmed.v1", confirmed),
        ("award.confirmed.v1", {**confirmed, "award": other}),
    ]
    document = replayed(log(lines(events)))
    # Only one bid of the three is said to have been opened for the second lot, and the model pack asks for two.
    assert [(lot["lot"], lot["outcome"]) for lot in document["lots"]] == [
        ("lot-1", "unchanged"),
        ("lot-2", "unsuccessful"),
    ]


def test_prices_are_the_rankings_when_the_opening_did_not_tell_them(log: Write) -> None:
    bids = [{**bid, "price": None} for bid in MEALS["tender.opened.v1"]["bids"]]
    qualified = {**MEALS["tender.opened.v1"], "bids": MEALS["tender.opened.v1"]["bids"][:1]}
    document = replayed(log(lines([*meals(opened={"bids": bids}), ("tender.prices-opened.v1", qualified)])))
    assert [lot["outcome"] for lot in document["lots"]] == ["unchanged"]
    assert {gate["verdict"] for gate in document["lots"][0]["gates"]} == {"pass"}


def test_amended_tender_counts_when_a_published_one_was_changed(log: Write) -> None:
    published = MEALS["tender.published.v1"]
    criteria = [{**item, "weight": "1"} for item in published["criteria"]]
    first = {"criteria": criteria, "title": "Before", "value": {"amount": "1.00", "currency": "EUR"}}
    events = meals(published=first)
    document = replayed(
        log(lines([events[0], ("tender.amended.v1", {**EXAMPLES["tender.amended.v1"], **published}), *events[1:]]))
    )
    assert [(lot["title"], lot["outcome"]) for lot in document["lots"]] == [(published["title"], "unchanged")]


def test_every_lot_is_listed_when_they_end_in_different_ways(log: Write) -> None:
    published, proposed = MEALS["tender.published.v1"], MEALS["award.proposed.v1"]
    lots = [{**published["lots"][0], "id": f"lot-{number}"} for number in range(1, 7)]
    of = {"ocid": OCID, "tender": published["tender"]}
    again = str(UUID(int=7))
    ended = {**EXAMPLES["tender.lot-unsuccessful.v1"], **of, "rule": "gate.opening.minimum-bids"}
    events = [
        *meals("award.proposed.v1", published={"lots": lots}),
        ("award.proposed.v1", {**proposed, "lot": "lot-1"}),
        ("tender.lot-unsuccessful.v1", {**ended, "lot": "lot-2", "bids": None}),
        ("tender.lot-unsuccessful.v1", {**ended, "lot": "lot-6", "bids": 1}),
        # What the whole procedure counted says nothing of a lot.
        ("tender.unsuccessful.v1", {**ENDED, "rule": "gate.opening.minimum-bids", "bids": 7}),
        ("tender.lot-cancelled.v1", {**EXAMPLES["tender.lot-cancelled.v1"], **of, "lot": "lot-3"}),
        ("award.proposed.v1", {**proposed, "award": again, "lot": "lot-4"}),
        ("award.cancelled.v1", {**EXAMPLES["award.cancelled.v1"], **of, "award": again, "lot": "lot-4"}),
    ]
    document = replayed(log(lines(events)))
    assert [(lot["lot"], lot["outcome"]) for lot in document["lots"]] == [("lot-1", "unchanged")]
    assert {item["lot"]: item["code"] for item in document["not_replayed"]} == {
        "lot-2": "lot-unsuccessful",
        "lot-3": "cancelled",
        "lot-4": "award-passed-on",
        "lot-5": "not-closed",
    }
    assert [(end["lot"], end["bids"], end["outcome"]) for end in document["unsuccessful"]] == [
        ("lot-6", 1, "unchanged")
    ]


def test_event_counts_once_when_it_is_given_twice(log: Write) -> None:
    text = lines(meals())
    assert replayed(log(text + text + "\n\n")) == replayed(log(text))


def test_last_proposal_counts_when_an_award_was_proposed_anew(log: Write) -> None:
    proposed = MEALS["award.proposed.v1"]
    first = {**proposed, "award": str(UUID(int=9)), "supplier": proposed["ranking"][1]["bidder"]}
    events = [*meals()[:2], ("award.proposed.v1", first), *meals()[2:]]
    assert [lot["outcome"] for lot in replayed(log(lines(events)))["lots"]] == ["unchanged"]


STRIPPED = [step for step in MEALS["award.proposed.v1"]["derivation"] if step["step"] != "quality-points"]
SPOILED = [
    {**step, "score": "high"} if step["step"] == "quality-points" else step
    for step in MEALS["award.proposed.v1"]["derivation"]
]


@pytest.mark.parametrize(
    ("events", "code"),
    [
        (meals("tender.published.v1"), "publication-missing"),
        (meals("award.proposed.v1", "award.confirmed.v1", "tender.opened.v1"), "not-closed"),
        (meals("award.proposed.v1", "award.confirmed.v1"), "not-closed"),
        (meals("award.confirmed.v1"), "not-closed"),
        ([*meals("award.confirmed.v1"), ("tender.cancelled.v1", {**ENDED, "reason": "No."})], "cancelled"),
        (
            [*meals("award.proposed.v1", "award.confirmed.v1"), ("tender.cancelled.v1", {**ENDED, "reason": "No."})],
            "cancelled",
        ),
        (
            [
                *meals("award.proposed.v1", "award.confirmed.v1"),
                ("tender.unsuccessful.v1", {**ENDED, "rule": "bid-within-estimate"}),
            ],
            "no-bid-scored",
        ),
        (meals(proposed={"derivation": STRIPPED}), "scores-not-published"),
        (meals(proposed={"derivation": SPOILED}), "derivation-malformed"),
        (meals(proposed={"supplier": {"id": "org-nobody", "name": "Nobody"}}), "ranking-without-winner"),
        (meals(proposed={"supplier": MEALS["award.proposed.v1"]["ranking"][1]["bidder"]}), "ranking-not-reproduced"),
        (meals(proposed={"ranking": []}), "ranking-without-winner"),
        (meals(proposed={"formula": "astrology"}), "price-formula-unknown"),
        (meals(proposed={"ranking": "none"}), "event-malformed"),
        (meals(opened={"bids": [{**MEALS["tender.opened.v1"]["bids"][0], "lot": ["lot-1"]}]}), "event-malformed"),
        (
            meals(published={"value": {"amount": "1200000.00", "currency": "GBP"}}),
            "currency-differs",
        ),
    ],
)
def test_procedure_is_listed_with_the_reason_when_it_cannot_be_replayed(
    log: Write, events: list[tuple[str, dict[str, Any]]], code: str
) -> None:
    document = replayed(log(lines(events)))
    assert document["lots"] == []
    assert [(item["ocid"], item["code"]) for item in document["not_replayed"]] == [(OCID, code)]
    told = " ".join(run("--pack", "model", "--events", log(lines(events))).stdout.split())
    assert "1 that cannot be replayed" in told


def test_gate_is_held_to_the_other_pack_when_it_had_ended_the_procedure(log: Write) -> None:
    ended = ("tender.unsuccessful.v1", {**ENDED, "rule": "gate.opening.minimum-bids"})
    file = log(lines([*meals("award.proposed.v1", "award.confirmed.v1", "tender.opened.v1"), ended]))
    assert [item["outcome"] for item in replayed(file)["unsuccessful"]] == ["unchanged"]
    looser = replayed(file, "--set", "gate.opening.minimum-bids=1")
    assert [item["outcome"] for item in looser["unsuccessful"]] == ["went-on"]
    assert looser["counts"]["would_have_gone_on"] == 1


def test_pack_is_read_from_a_file_when_one_is_named(log: Write, tmp_path: Path) -> None:
    text = (
        PACKS.joinpath("model.yaml")
        .read_text("utf-8")
        .replace("value: {min: 10, max: 60}", "value: {min: 60, max: 60}")
    )
    pack = tmp_path / "other.yaml"
    pack.write_text(text, "utf-8")
    ended = run("--pack", pack, "--events", log(lines(meals())), "--json")
    assert ended.exit_code == 0
    assert json.loads(ended.stdout)["lots"][0]["price_weight"] == "60"
    assert pack_document("model")["rules"]["price-weight"]["value"] == {"min": 10, "max": 60}


def test_pack_is_refused_in_one_sentence_when_its_file_is_none(log: Write, tmp_path: Path) -> None:
    file = log(lines(meals()))
    good = PACKS.joinpath("model.yaml").read_text("utf-8")
    spoiled = {
        "no-yaml": ("{", "is not the YAML of a pack"),
        "no-pack": ("- 1", "at /"),
        "schema": (good.replace("value: ratio_to_lowest", "value: [1]"), "at /rules/price-formula"),
        "bounds": (good.replace("value: {min: 10, max: 60}", "value: {min: 61, max: 60}"), "at /rules/price-weight"),
        "formula": (good.replace("value: ratio_to_lowest", "value: astrology"), "There is no such formula."),
    }
    for name, (text, why) in spoiled.items():
        pack = tmp_path / f"{name}.yaml"
        pack.write_text(text, "utf-8")
        assert why in sentence(run("--pack", pack, "--events", file)), name
    assert "cannot be read" in sentence(run("--pack", tmp_path / "none.yaml", "--events", file))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--pack", "atlantis"), "There is no such rule pack. One of: cn-services"),
        (("--pack", "model@9.9.9"), "no such version"),
        (("--pack", "model", "--set", "price-weight"), "--set takes a name and a value"),
        (("--pack", "model", "--set", "no-such-rule=1"), "has no rule no-such-rule"),
        (("--pack", "model", "--set", "price-weight=much"), "takes a plain decimal number"),
        (("--pack", "model", "--set", "price-weight=60..10"), "min is not above max"),
        (("--pack", "model", "--set", "bid-within-estimate=perhaps"), "cannot be set to that"),
        (("--pack", "model", "--set", "standstill=5"), "cannot be set to that"),
        (("--pack", "model", "--set", "price-formula=astrology"), "There is no such formula."),
        (("--pack", "model", "--set", "price-formula=absolute_reference"), "The formula takes ceiling."),
        (("--pack", "model", "--parameter", "k=1"), "The formula takes no such parameter."),
        (("--pack", "model", "--parameter", "k=x"), "--parameter k takes a plain decimal number"),
        (("--pack", "model", "--out", "/nowhere/report.json"), "/nowhere/report.json cannot be written"),
        (("--pack", "model", "--chart", "/nowhere/chart.vl.json"), "/nowhere/chart.vl.json cannot be written"),
    ],
)
def test_input_is_refused_in_one_sentence_when_it_is_of_no_use(log: Write, words: tuple[str, ...], why: str) -> None:
    assert why in sentence(run(*words, "--events", log(lines(meals()))))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "holds no event"),
        (b"\n\n", "holds no event"),
        (b"{", "line 1, is not JSON"),
        (lines(meals()).encode() + b"{}\n", "line 5, is no event"),
        (b"\xff\xfe\n", "line 1, is not JSON"),
        (b"[1]\n", "line 1, is no event"),
        (b"[" * 100_000, "line 1, is not JSON"),
        (b" " * 1_100_000 + b"{}", "line 1, is longer than any event"),
    ],
    ids=["empty", "blank", "cut-off", "object", "not-utf-8", "list", "deep", "long"],
)
def test_file_is_refused_in_one_sentence_when_it_holds_no_events(log: Write, text: bytes, why: str) -> None:
    assert why in sentence(run("--pack", "model", "--events", log(text)))


def test_input_is_refused_when_there_is_no_such_file_or_nobody_answers(tmp_path: Path) -> None:
    assert "cannot be read" in sentence(run("--pack", "model", "--events", tmp_path / "none.jsonl"))
    assert "cannot be read" in sentence(run("--pack", "model", "--events", tmp_path))
    both = run("--pack", "model", "--events", tmp_path, "--url", "http://127.0.0.1:1")
    assert both.exit_code == 2
    assert "give either --url or --events" in " ".join(both.stderr.split())


def feed(answer: Callable[[int], httpx.Response]) -> httpx.Client:
    transport = httpx.MockTransport(lambda request: answer(int(request.url.params["after"])))
    return httpx.Client(transport=transport, base_url="http://box")


def test_feed_is_read_to_its_end_when_a_system_runs() -> None:
    told = [event(kind, data, number) for number, (kind, data) in enumerate(meals(), 1)]
    with feed(lambda after: httpx.Response(200, json=told[after : after + 2])) as client:
        assert list(from_feed(client)) == [Event.model_validate(document) for document in told]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(503), "The feed cannot be read at http://box (HTTPStatusError)."),
        (httpx.Response(200, text="<html>"), "The feed cannot be read at http://box (JSONDecodeError)."),
        (httpx.Response(200, json={}), "What http://box answers is no feed of events."),
        (httpx.Response(200, json=[{}]), "What http://box answers is no event."),
    ],
)
def test_feed_is_refused_when_it_is_none(answer: httpx.Response, why: str) -> None:
    with feed(lambda _: answer) as client, pytest.raises(Unusable) as refusal:
        list(from_feed(client))
    assert str(refusal.value) == why
