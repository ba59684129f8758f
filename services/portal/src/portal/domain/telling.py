"""What happened, in one sentence for a reader."""

from collections.abc import Mapping
from typing import Any

from portal.domain import types
from portal.domain.amounts import amount, written
from portal.domain.contracts import is_in_advance
from portal.domain.entry import Entry, instant

_SENTENCES: Mapping[str, str] = {
    types.PLANNED: "{buyer} planned “{title}”, estimated at {estimate}.",
    types.PLAN_CHANGED: "The plan says something else now: {reason}",
    types.PLAN_CANCELLED: "The need was given up: {reason}",
    types.FUNDING_REQUESTED: "{amount} were asked for; the answer is due by {answer_due}.",
    types.RETURNED_TO_DRAFT: "The tender went back to a draft: {reason}",
    types.PUBLISHED: "Bids are invited until {closes_at}, for a value of {value}.",
    types.AMENDED: "The tender was amended, and bids are invited until {closes_at}: {reason}",
    types.QUESTION_ASKED: "A question was asked, to be answered by {answer_due}: {text}",
    types.QUESTION_ANSWERED: "A question was answered; bids are invited until {closes_at}: {text}",
    types.OPENED: "The envelopes were opened: {bids}.",
    types.FUNDS_UNNEEDED: "{amount} that were set aside are not needed any more: the value was lowered.",
    types.QUALIFIED: "{qualified} qualified.",
    types.EXCLUDED: "The bid of {bidder} does not count any more: {reason}",
    types.TALKS_RECORDED: "Talks were held with {bid}.",
    types.TERMS_CHANGED: "What the talks changed was told for {bids}; it is public with the award.",
    types.FINAL_QUOTES_REQUESTED: "Final quotes were asked for on {bids}, sealed until {closes_at}.",
    types.PRICES_OPENED: "The prices of {bids} were opened.",
    types.LOT_UNSUCCESSFUL: "The lot ended without an award: {reason}",
    types.LOT_CANCELLED: "The lot was cancelled: {reason}",
    types.UNSUCCESSFUL: "The procedure ended without an award: {reason}",
    types.CANCELLED: "The procedure was cancelled: {reason}",
    types.PROPOSED: "{supplier} is to be awarded {value}; nothing is signed before {standstill_ends_at}.",
    types.RANKING_CONTINUED: "The ranking goes on: part {part} of {parts}.",
    types.CONFIRMED: "The award to {supplier} over {value} was confirmed; its contract is due by {signature_due}.",
    types.AWARD_CANCELLED: "The award to {supplier} was taken back: {reason}",
    types.EXPLANATION_REQUESTED: "{bidder} was asked to explain by {due_at} a price that may be abnormally low.",
    types.EXPLAINED: "A price was explained by {bid}.",
    types.DEFICIENCY_NOTIFIED: "{bidder} was told what its bid lacks, to be put right by {due_at}: {what}",
    types.DEFICIENCY_CORRECTED: "What a bid lacked was handed in by {bid}.",
    types.TIE_DRAW_ANNOUNCED: "{bids} are equal; a public beacon will draw, not before {not_before}: {source}",
    types.TIE_DRAWN: "{order} that were equal were put in order by a public beacon: {source}",
    types.GENERATED: "The contract with {supplier} over {value} was made, to be signed by {signature_due}.",
    types.SUPPLIER_SIGNED: "{supplier} signed the contract.",
    types.SIGNED: "{buyer} and {supplier} signed the contract “{title}” over {value}.",
    types.NOT_SIGNED: "{supplier} did not sign by {signature_due}: {reason}",
    types.ANNULLED: "The contract with {supplier} was taken back with its award: {reason}",
    types.CHANGE_REQUESTED: "A change to a value of {value} waits for its funds: {reason}",
    types.CHANGE_FAILED: "A change will not come into force: {reason}",
    types.CHANGED: "The contract was changed, and is worth {value} from then on: {reason}",
    types.SUSPENDED: "The contract rests until {suspended_until}: {reason}",
    types.RESUMED: "The contract is in force again.",
    types.ASSIGNED_OVER: "The contract went over from {before} to {supplier}: {reason}",
    types.TERMINATION_NOTIFIED: "The contract ends with {last_day}: {reason}",
    types.TERMINATED: "The contract ended with {last_day}, and {amount_paid} were paid in all: {reason}",
    types.HANDOVER_COMPLETED: "The service was handed over to {successor}.",
    types.RESERVED: "{amount} were set aside.",
    types.REFUSED: "{requested} were not there to be set aside: {reason}",
    types.COMMITTED: "{amount} were bound for the contract.",
    types.CHANGE_COMMITTED: "{amount} were bound in addition for a change of the contract.",
    types.CHANGE_REFUSED: "{requested} were not there for a change of the contract: {reason}",
    types.RELEASED: "{amount} are available again: {reason}",
    types.ACCRUED: "{amount} are owed for period {period}.",
    types.PAYMENT_DUE: "{amount} are to be paid for period {period} by {due_at}.",
    types.INVOICED: "The invoice for period {period} came in: {amount} are to be paid by {due_at}.",
    types.PAYMENT_APPROVED: "The payment of {amount} for period {period} was approved.",
    types.PAID: "{amount} were paid for period {period}, graded {grade}.",
    types.PAYMENT_RETURNED: "{amount} that were paid for period {period} came back from the bank: they are owed again.",
    types.ADVANCE_PAID: "{amount} were paid in advance.",
    types.ADVANCE_RECOVERED: "{amount} of period {period} had been paid in advance; {outstanding} are outstanding.",
    types.ADVANCE_REPAID: "{amount} that were paid in advance were repaid; {outstanding} are outstanding.",
    types.HELD: "{amount} were held back for period {period}, graded {grade}: {reason}",
    types.DEDUCTED: "{amount} were deducted for period {period}: {reason}",
    types.HOLD_APPEALED: "That {rest} are held back for period {period} is contested, to be decided by {decision_due}.",
    types.HOLD_RELEASED: "{amount} that were held back for period {period} are owed: {reason}",
    types.HOLD_DECIDED: "It was decided on {amount} that are held back for period {period}: {reason}",
    types.ASSIGNED: "{supervisor} was drawn to supervise.",
    types.REPORTED: "The supervisor visited on {visited_on} and reported on period {period}.",
    types.GRADED: "Period {period} was graded {grade} with a score of {score}.",
    types.IMPORTED: "The process was taken over from another publisher.",
}
# An advance is paid by an order as a period is; it says so where the others name their period.
_IN_ADVANCE: Mapping[str, str] = {
    types.PAYMENT_DUE: "{amount} are to be paid in advance by {due_at}.",
    types.INVOICED: "The invoice for an advance came in: {amount} are to be paid by {due_at}.",
    types.PAYMENT_APPROVED: "The payment of {amount} in advance was approved.",
    types.PAYMENT_RETURNED: "{amount} that were paid in advance came back from the bank.",
}
_DECIDED: Mapping[str, Mapping[bool, str]] = {
    types.EXPLANATION_DECIDED: {
        True: "The price that {bid} was asked about stands: {reason}",
        False: "The price that {bid} was asked about does not stand: {reason}",
    },
    types.DEFICIENCY_DECIDED: {
        True: "What {bid} handed in puts its bid right: {reason}",
        False: "What {bid} handed in does not put its bid right: {reason}",
    },
}
_COUNTED = ("bids", "qualified", "order")


def told(entry: Entry, bidders: Mapping[str, str], lots: Mapping[str, str]) -> str | None:
    """Say what happened; None for a type that is not known by name.

    Shape: bidders has the bidder's name of a bid; lots has the title of a lot, by the lot and by its contract, where
    there are several to be told apart.
    """
    data = entry.data
    decided = _DECIDED.get(entry.type)
    sentences = {**_SENTENCES, **_IN_ADVANCE} if is_in_advance(entry) else _SENTENCES
    sentence = decided[data["accepted"]] if decided else sentences.get(entry.type)
    return located(entry, sentence.format_map(_Words(data, bidders)), lots) if sentence else None


def located(entry: Entry, sentence: str, lots: Mapping[str, str]) -> str:
    """Say of which lot a sentence is, where there are several."""
    lot = lots.get(entry.data.get("lot") or "") or lots.get(entry.data.get("contract") or "")
    return f"Lot “{lot}”: {sentence}" if lot else sentence


class _Words:
    """The fields of an event as words."""

    def __init__(self, data: Mapping[str, Any], bidders: Mapping[str, str]) -> None:
        self._data, self._bidders = data, bidders

    def __getitem__(self, field: str) -> str:
        value = self._data[field]
        if field == "bid":
            return self._bidders.get(value, "a bidder")
        if field in _COUNTED:
            count = len(value)
            return f"{count} bid{'' if count == 1 else 's'}"
        return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        known = None if "name" in value else amount(value)
        return written(known) if known else str(value.get("name"))
    at = instant(value) if isinstance(value, str) else None
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else str(value)
