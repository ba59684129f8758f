"""What the journey awarded, decided again from the events that it told."""

import json
from typing import Any

import pytest

from shared.testing.onebox import coxswain

pytestmark = pytest.mark.xdist_group("onebox")


def replayed(walked: Any, *words: str) -> dict[str, Any]:
    ended = coxswain("rules", "replay", "--url", walked.box.url, "--pack", "model", "--json", *words)
    assert (ended.returncode, ended.stderr) == (0, "")
    return dict(json.loads(ended.stdout))


def test_nothing_changes_when_the_journey_is_replayed_under_its_own_pack(walked: Any) -> None:
    document = replayed(walked)
    ours = [lot for lot in document["lots"] if lot["ocid"] == walked.document["ocid"]]
    assert [(lot["outcome"], lot["assumptions"]) for lot in ours] == [("unchanged", [])]
    assert {lot["outcome"] for lot in document["lots"]} == {"unchanged"}
    # Each journey has one procedure with a single bid, and one that is cancelled.
    assert len(document["unsuccessful"]) >= 2
    assert {"cancelled"} <= {item["code"] for item in document["not_replayed"]}


def test_single_bid_would_have_gone_on_when_the_gate_is_one(walked: Any) -> None:
    document = replayed(walked, "--set", "gate.opening.minimum-bids=1")
    assert {lot["outcome"] for lot in document["unsuccessful"]} == {"went-on"}
