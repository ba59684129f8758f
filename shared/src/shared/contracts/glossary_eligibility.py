"""What the fields of the event of eligibility mean, by form and name."""

from collections.abc import Mapping

_CHANGED = "provider.eligibility-changed.v1"

ELIGIBILITY: Mapping[tuple[str, str], str] = {
    (_CHANGED, "changed_at"): "From when on it is so.",
    (_CHANGED, "answers"): "For every rule pack in force and each of `tenders`, `orders` and `payments`.",
    (_CHANGED, "next_change"): "When it may change by itself; null: never.",
    ("EligibilityAnswer", "pack"): "The rule pack.",
    ("EligibilityAnswer", "pack_version"): "Its version that is in force.",
    ("EligibilityAnswer", "purpose"): "`tenders`, `orders` or `payments`.",
    ("EligibilityAnswer", "eligible"): "Whether nothing keeps the provider from it.",
    ("EligibilityAnswer", "exclusions"): "What keeps the provider from it.",
    ("EligibilityExclusion", "code"): "What was found, as a code.",
    ("EligibilityExclusion", "verdict"): "`fail`, or `unresolved` where a fact is missing.",
    ("EligibilityExclusion", "rule"): "The rule of the rule pack; null: none.",
    ("EligibilityExclusion", "source"): "The article that the rule comes from; null: there is no such rule.",
    ("EligibilityExclusion", "until"): "The first instant at which it does not count; null: it ends by no date.",
}
