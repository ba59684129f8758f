"""What can become of a procedure, of each of its lots and of each award, as data."""

from shared.kernel.lifecycle import lifecycle, transition

_OFFICE, _HEAD, _BUDGET, _CLOCK = "purchasing office", "head of the purchasing office", "budget", "clock"

_FUNDS = "funds-reserved-before-publication"
QUALITY_FIRST = "quality-locked-before-prices"

# Who was asked something answers it also while its lot has gone back to an earlier stage.
_ASKED = "qualification evaluation award"

TENDER = lifecycle(
    "tender",
    "draft",
    transition("change", "draft", "draft", _OFFICE),
    transition("request funding", "draft", "funding-requested", _HEAD, rule=_FUNDS),
    transition("refuse funds", "funding-requested", "draft", _BUDGET),
    transition("publish", "funding-requested", "active", _BUDGET, rule=_FUNDS),
    transition("order amendment", "active", "active", "complaint decider"),
    transition("open", "active", "qualification unsuccessful", _OFFICE, rule="bid-deadline"),
    transition("qualify", "qualification", "evaluation unsuccessful complete", _OFFICE),
    transition("negotiate", "evaluation", "evaluation", f"{_OFFICE}, bidder"),
    transition("open prices", "evaluation", "award unsuccessful complete", _OFFICE, rule=QUALITY_FIRST),
    transition("answer", _ASKED, _ASKED, "bidder"),
    transition("lapse", "award", "award", _CLOCK),
    transition("award", "award", "award unsuccessful complete", _OFFICE),
    transition("confirm", "award", "award complete", _HEAD),
    transition("fall through", "award complete", "award", _HEAD),
    transition("send back", "award complete evaluation", "qualification evaluation award", "complaint decider"),
    transition(
        "cancel",
        "draft funding-requested active qualification evaluation award",
        "complete cancelled",
        _HEAD,
    ),
)
LOT = lifecycle(
    "lot",
    "active",
    transition("end", "active", "unsuccessful", "rule pack"),
    transition("complete", "active", "complete", _HEAD),
    transition("reopen", "complete", "active", "head of the purchasing office, complaint decider"),
    transition("cancel", "active", "cancelled", _HEAD),
)
AWARD = lifecycle(
    "award",
    "pending",
    transition("confirm", "pending", "active", _HEAD),
    transition("cancel", "pending active", "cancelled", "head of the purchasing office, complaint decider"),
)
