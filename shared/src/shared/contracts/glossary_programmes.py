"""What the fields of the events of capacity programmes mean, by form and name."""

from collections.abc import Mapping

_APPLICATIONS = ("received", "assessed", "decided", "withdrawn")

PROGRAMMES: Mapping[tuple[str, str], str] = {
    **{(f"provider.application-{step}.v1", "programme"): "The programme." for step in _APPLICATIONS},
    ("ProgrammeMilestone", "code"): "The milestone, within the application.",
    ("ProgrammeMilestone", "due"): "The last day on which it is to be reached.",
    ("ProgrammeMilestone", "title"): "What is to be reached.",
    ("provider.application-decided.v1", "granted"): "Whether the provider takes part.",
    ("provider.application-decided.v1", "milestones"): "What is to be reached with it; empty: it was declined.",
    ("provider.application-decided.v1", "reasons"): "Why.",
    ("provider.application-received.v1", "decision_due"): "Until when the application is decided.",
    ("provider.milestone-recorded.v1", "left"): "Of how many milestones the outcome is still open.",
    ("provider.milestone-recorded.v1", "milestone"): "The milestone's code.",
    ("provider.milestone-recorded.v1", "outcome"): "What came of it.",
    ("provider.milestone-recorded.v1", "programme"): "The programme.",
    ("provider.milestone-recorded.v1", "reached"): "Whether it was reached.",
    ("provider.programme-opened.v1", "categories"): "The codes of the services that it is to make better.",
    ("provider.programme-opened.v1", "closes_at"): "When the call is over: an application is in time before it.",
    ("provider.programme-opened.v1", "criteria"): "What applications are assessed on.",
    ("provider.programme-opened.v1", "kind"): "`grant`, `training` or `mentoring`.",
    ("provider.programme-opened.v1", "office"): "The office that helps.",
    ("provider.programme-opened.v1", "opens_at"): "From when on providers may apply.",
    ("provider.programme-opened.v1", "programme"): "The programme.",
    ("provider.programme-opened.v1", "title"): "What it is called.",
}
