"""What the fields of events about terms of payment, deductions and holds mean."""

from collections.abc import Mapping

BY_NAME: Mapping[str, str] = {
    "appealed": "Whether the provider had appealed.",
    "appealed_at": "When the provider appealed.",
    "cap": "The share of the amount due that the indicator takes off at the most.",
    "days": "After how many days a hold ends; null: another condition ends it.",
    "deduction_cap": "The share of the amount due that all deductions reach at the most.",
    "grades": "What each grade makes payable, from the best grade to the worst.",
    "guarantee": "The share of the amount due that is paid in any case.",
    "hold": "The amount that is withheld, as one for which one reason was given.",
    "indicators": "What is deducted for which indicator.",
    "kpi": "The indicator, by its id.",
    "payment_terms": "How a period's grade and measurements become payment; null: as the rule pack says.",
    "released_at": "When it was released.",
    "rest": "What is still withheld.",
    "retention_release": "What ends the retention.",
    "retention_share": "The share of what is accepted that is retained.",
    "shortcoming_release": "What ends a hold for a grade below the best.",
    "step": "How far below the target a step reaches, in the indicator's own unit.",
    "terms": "The terms of payment.",
    "when": "What ends the hold: `next-grade-at-least`, `days-after` or `decision`.",
}
BY_FORM: Mapping[tuple[str, str], str] = {
    (
        "budget.held.v1",
        "appeal_until",
    ): "Until when the provider may appeal; null: told before holds could be appealed.",
    (
        "budget.hold-released.v1",
        "because",
    ): "`condition`: what the contract named has come; `decision`: two persons decided.",
    (
        "contract.signed.v1",
        "payment",
    ): "The formula by which every period is paid; null: told before contracts had one.",
    ("AgreedPayment", "id"): "Whose formula it is: the contracting process's own, or that of the rule pack.",
    ("AgreedPayment", "version"): "The version of the formula; that of the rule pack where it is the pack's.",
    ("GradeShare", "grade"): "The grade, on the scale of the rule pack.",
    ("GradeShare", "reason"): "Why the rest is held.",
    ("GradeShare", "share"): "The share, from 0 to 1, that the grade makes payable.",
    ("IndicatorDeduction", "share"): "The share of the amount due that each full step below the target takes off.",
    ("IndicatorDeduction", "target"): "What is to be reached, in the indicator's own unit.",
    ("Measurement", "value"): "What was observed, in the indicator's own unit.",
    ("ReleaseCondition", "grade"): "The grade that a later period has to reach; null: another condition ends the hold.",
    ("budget.deducted.v1", "hold"): "The hold that was forfeited; null: deducted for what was measured.",
    ("budget.deducted.v1", "reason"): "Why it is not paid.",
    ("budget.held.v1", "hold"): "The hold; null: told before holds had ids.",
    ("budget.held.v1", "release"): "What ends the hold; null: told before it was said.",
    ("budget.hold-appealed.v1", "decision_due"): "Until when the appeal is decided.",
    ("budget.hold-decided.v1", "decided_at"): "When it was decided.",
    ("budget.hold-decided.v1", "outcome"): "`released` or `forfeited`.",
    ("inspection.period-graded.v1", "kpis"): "What was measured of each indicator; null: told before it was said.",
}
