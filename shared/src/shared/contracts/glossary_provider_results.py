"""What the fields of the events about a provider's results mean, by form and name."""

from collections.abc import Mapping

RESULTS: Mapping[tuple[str, str], str] = {
    (
        "provider.record-updated.v1",
        "ended_early",
    ): "How many of the contracts ended before their term or went over to another; null: it was not counted yet.",
    ("provider.rating-changed.v1", "category"): "The code of the service.",
    ("provider.rating-changed.v1", "level"): "The level of the rule pack's scale; null: the provider is not rated.",
    ("provider.rating-changed.v1", "observations"): "How many graded periods of the category count.",
    ("provider.rating-changed.v1", "pack"): "The rule pack by which it was worked out.",
    ("provider.rating-changed.v1", "rated"): "Whether enough graded periods count.",
    ("provider.rating-changed.v1", "rated_on"): "The day on which the periods were weighed.",
    (
        "provider.rating-changed.v1",
        "score",
    ): "The mean, weighed by age and drawn to that of the peers, from 0 to 100; null: the provider is not rated.",
    ("provider.reply-given.v1", "replied_at"): "When the reply was received.",
    ("provider.reply-given.v1", "text"): "The reply.",
    ("IndexValue", "code"): "Which index; the formula of each stands in the product's documentation.",
    ("IndexValue", "unit"): "The unit of the value; `opinion`: it is a word.",
    ("IndexValue", "value"): "The value; null: not rated, since a figure is missing.",
    ("provider.year-confirmed.v1", "indices"): "Every index of the year.",
    ("provider.year-confirmed.v1", "total_income"): "The provider's income of the year.",
    ("provider.year-confirmed.v1", "year"): "The year that the financial year ends in.",
    ("provider.year-entered.v1", "confirm_due"): "Until when an officer confirms the figures or sends them back.",
    ("provider.year-entered.v1", "year"): "The year that the financial year ends in.",
    ("provider.year-sent-back.v1", "year"): "The year that the financial year ends in.",
}
