"""What the fields of the budget's events mean where they mean something of their own."""

from collections.abc import Mapping

BUDGET: Mapping[tuple[str, str], str] = {
    ("budget.appropriated.v1", "amount"): "What was granted.",
    ("budget.appropriated.v1", "code"): "The code of the budget line.",
    ("budget.appropriated.v1", "programme"): "The division or group of COFOG it is for; null: it is not classified.",
    ("budget.appropriated.v1", "quarters"): "What of it is for each quarter; null: all of it is for the whole year.",
    ("budget.appropriated.v1", "sources"): "Where it comes from; what they give adds up to it; null: not told.",
    ("budget.appropriated.v1", "title"): "The title of the budget line.",
    ("budget.change-committed.v1", "amount"): "What was bound in addition; nothing where the change adds nothing.",
    ("budget.change-refused.v1", "code"): "The kind of refusal.",
    ("budget.fiscal-year-declared.v1", "ends"): "The last day of the year.",
    ("budget.fiscal-year-declared.v1", "policy"): (
        "What becomes at its end of what is set aside or bound: `lapse`, or `carry-forward` to the next year."
    ),
    ("budget.fiscal-year-declared.v1", "starts"): "The first day of the year.",
    ("budget.fiscal-year-declared.v1", "time_zone"): "Where its days begin (IANA).",
    ("budget.payment-approved.v1", "approved_at"): "When the payment was approved.",
    ("budget.payment-approved.v1", "order"): "The payment order.",
    ("budget.payment-due.v1", "accepted_at"): "When the delivery was accepted.",
    ("budget.payment-due.v1", "due_at"): "Until when it is to be paid.",
    ("budget.payment-due.v1", "order"): "The payment order.",
    ("budget.quarter-opened.v1", "amount"): "What was granted for it.",
    ("budget.quarter-opened.v1", "quarter"): "The quarter of the fiscal year, 1 to 4.",
    ("budget.refused.v1", "available"): "What the line has; null: there is no such line.",
    ("budget.refused.v1", "code"): "The kind of refusal.",
    ("budget.released.v1", "contract"): "The contract that bound it; null: it was set aside and not bound.",
    ("budget.revised.v1", "amount"): "What the line got; below zero, what it gave.",
    ("budget.revised.v1", "appropriated"): "What is granted for the line in all.",
    ("budget.revised.v1", "kind"): "`supplementary`, `reduction` or `reallocation`.",
    ("budget.revised.v1", "revision"): "The revision of the budget.",
    ("budget.revision-proposed.v1", "decision"): "What the legislature's decision is filed under.",
    ("budget.revision-proposed.v1", "decision_due"): "Until when another person approves or rejects it.",
    ("budget.revision-proposed.v1", "kind"): "`supplementary`, `reduction` or `reallocation`.",
    ("budget.revision-proposed.v1", "moves"): "What each line gets or gives; of a reallocation it adds up to nothing.",
    ("budget.revision-proposed.v1", "revision"): "The revision of the budget.",
    ("budget.revision-rejected.v1", "revision"): "The revision of the budget.",
}
