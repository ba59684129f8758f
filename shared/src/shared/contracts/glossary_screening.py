"""What the fields of the events of screening mean, by form and name."""

from collections.abc import Mapping

_LIST, _FOUND, _DECIDED = (
    "provider.screening-list-entered.v1",
    "provider.match-found.v1",
    "provider.match-decided.v1",
)

SCREENING: Mapping[tuple[str, str], str] = {
    (_LIST, "list"): "The edition.",
    (_LIST, "publisher"): "Who published the list.",
    (_LIST, "title"): "What the list is called; a later edition of the same title takes its place.",
    (_LIST, "day"): "The day of the edition.",
    (_LIST, "digest"): "The SHA-256 of the file as it was published.",
    (_LIST, "entries"): "How many entries it has.",
    (_FOUND, "match"): "The match.",
    (_FOUND, "publisher"): "Who published the list.",
    (_FOUND, "title"): "What the list is called.",
    (
        _FOUND,
        "part",
    ): "What of the provider is like the entry: `name`, `former-name`, `person`, `owner` or `identifier`.",
    (_FOUND, "similarity"): "How like it is, from 0 to 100.",
    (_DECIDED, "match"): "The match.",
    (_DECIDED, "outcome"): "`false`, or `confirmed` by two persons.",
    (_DECIDED, "case"): "The suspension case that follows; null: the match is false.",
}
