"""What the fields of the events of cases mean, by form and name."""

from collections.abc import Mapping

_CASE = "provider.case-"
_CLEANING = "provider.self-cleaning-"

CASES: Mapping[tuple[str, str], str] = {
    **{
        (event_type, "case"): "The case."
        for event_type in (
            *(
                f"{_CASE}{what}.v1"
                for what in (
                    "notified",
                    "replied",
                    "withdrawn",
                    "decided",
                    "in-force",
                    "appealed",
                    "appeal-decided",
                    "ended",
                )
            ),
            f"{_CLEANING}offered.v1",
            f"{_CLEANING}heard.v1",
        )
    },
    (f"{_CASE}notified.v1", "kind"): "What it is to lead to: `exclusion-ground`, `debarment` or `suspension`.",
    (f"{_CASE}notified.v1", "ground"): "The ground, as the rule pack names it; null: none is named.",
    (f"{_CASE}notified.v1", "scopes"): "What it is to keep the provider from: `tenders`, `orders`, `payments`.",
    (f"{_CASE}notified.v1", "pack"): "The rule pack that the case is held to.",
    (f"{_CASE}notified.v1", "pack_version"): "Its version.",
    (f"{_CASE}notified.v1", "evidence"): "The SHA-256 of each document that shows it.",
    (f"{_CASE}notified.v1", "reported_by"): "The organisation that reported it.",
    (f"{_CASE}notified.v1", "reply_until"): "Until when the provider may reply.",
    (f"{_CASE}replied.v1", "replied_at"): "When the provider replied.",
    (f"{_CASE}replied.v1", "decision_due"): "Until when the case is decided.",
    (f"{_CASE}withdrawn.v1", "withdrawn_at"): "When it was taken back.",
    (f"{_CASE}decided.v1", "upheld"): "Whether what was reported was found to be so.",
    (f"{_CASE}decided.v1", "decided_by"): "The organisation that decided; never the one that reported.",
    (f"{_CASE}decided.v1", "scopes"): "What it keeps the provider from: `tenders`, `orders`, `payments`.",
    (f"{_CASE}decided.v1", "rule"): "The rule of the rule pack that the term rests on; null: the case is dismissed.",
    (f"{_CASE}decided.v1", "source"): "The article that the rule comes from; null: the case is dismissed.",
    (f"{_CASE}decided.v1", "in_force_from"): "From when on it counts; null: the case is dismissed.",
    (
        f"{_CASE}decided.v1",
        "until",
    ): "The first instant at which it does not count; null: until it is settled, or the case is dismissed.",
    (f"{_CASE}decided.v1", "appeal_until"): "Until when the provider may appeal.",
    (f"{_CASE}in-force.v1", "in_force_from"): "From when on it counts.",
    (f"{_CASE}in-force.v1", "until"): "The first instant at which it does not count; null: until it is settled.",
    (f"{_CASE}appealed.v1", "appealed_at"): "When the provider appealed.",
    (f"{_CASE}appealed.v1", "decision_due"): "Until when the appeal is decided.",
    (f"{_CASE}appeal-decided.v1", "upheld"): "Whether the provider was found to be right.",
    (f"{_CASE}appeal-decided.v1", "decided_by"): "The organisation that decided; never the one that decided before.",
    (f"{_CASE}ended.v1", "ended_at"): "When it ended.",
    (f"{_CASE}ended.v1", "because"): "Why: `term`, `settled`, `appeal` or `self-cleaned`.",
    (f"{_CLEANING}offered.v1", "evidence"): "The SHA-256 of each document that shows it.",
    (f"{_CLEANING}offered.v1", "hearing_due"): "Until when it is decided.",
    (f"{_CLEANING}heard.v1", "accepted"): "Whether it was found enough.",
    (f"{_CLEANING}heard.v1", "heard_by"): "The organisation that decided; never the one that reported.",
}
