"""Which bids are so low that their bidders have to be asked, and by which rule?"""

from typing import Any

from shared.rules.abnormally_low import Comparison, PricedBid, Trigger, find_triggers
from shared.rules.derivation import Step, plain
from shared.rules.questions.packs import read_pack_on
from shared.rules.questions.reading import below, read_bids, read_decimal, read_id, read_object
from shared.rules.scoring_steps import exactly, shown

NO_DECISION = "A trigger obliges the buyer to ask the bidder for an explanation. It decides nothing."


def answer(document: Any) -> dict[str, Any]:
    """Look for triggers as `{"pack", "on", "ceiling", "bids": [{"id", "price"}]}` asks.

    Units: numbers are text, prices and ceiling in one currency; amounts of the answer have four decimals, half up.
    Shape: on is the day that the procedure started, and may be absent: then the newest version of the pack is asked. A
    ceiling may be absent; without it the triggers that need it are unresolved.

    Raises:
        Invalid: for a document of another form, and what find_triggers() refuses, each with its JSON pointer.
    """
    members = read_object(document, "", ("pack", "bids"), ("on", "ceiling"))
    pack = read_pack_on(members["pack"], members.get("on"), "/on")
    ceiling = read_decimal(members["ceiling"], "/ceiling") if "ceiling" in members else None
    bids = [_bid(bid, f"/bids/{number}") for number, bid in enumerate(read_bids(members["bids"]))]
    triggers = find_triggers(pack, bids, ceiling)
    fired = [(trigger, found) for trigger in triggers for found in trigger.comparisons if found.fired]
    to_be_asked = {found.bid.id for _, found in fired}
    return {
        "pack": pack.id,
        "version": pack.version,
        "fired": [_fired(trigger, found) for trigger, found in fired],
        "inquiry": [bid.id for bid in bids if bid.id in to_be_asked],
        "triggers": [_trigger(trigger) for trigger in triggers],
        "derivation": [_step(trigger, found) for trigger in triggers for found in trigger.comparisons],
        "warnings": [NO_DECISION],
    }


def _bid(value: Any, pointer: str) -> PricedBid:
    bid = read_object(value, pointer, ("id", "price"))
    return PricedBid(read_id(bid["id"], below(pointer, "id")), read_decimal(bid["price"], below(pointer, "price")))


def _fired(trigger: Trigger, found: Comparison) -> dict[str, Any]:
    return {
        "bid": found.bid.id,
        "rule": trigger.rule.id,
        "price": plain(shown(found.bid.price)),
        "bound": plain(shown(found.bound)),
        "source": trigger.rule.source,
        "mark": trigger.rule.mark,
        "verified": trigger.rule.verified,
    }


def _trigger(trigger: Trigger) -> dict[str, Any]:
    rule = trigger.rule
    return {
        "rule": rule.id,
        "title": rule.title,
        "state": trigger.state,
        "share": None if trigger.state == "judged" else str(rule.value),
        "inequality": rule.inequality,
        "source": rule.source,
        "mark": rule.mark,
        "verified": rule.verified,
        "missing": list(trigger.missing),
    }


def _step(trigger: Trigger, found: Comparison) -> Step:
    return {
        "step": "comparison",
        "rule": trigger.rule.id,
        "bid": found.bid.id,
        "price": exactly(found.bid.price, 2),
        "reference": exactly(found.reference, 2),
        "share": str(trigger.rule.value),
        "bound": exactly(found.bound, 2),
        "fired": str(found.fired).lower(),
    }
