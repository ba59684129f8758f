"""What the fields of the events about who a provider is mean, by form and name."""

from collections.abc import Mapping

_ADDRESS = "Where the organisation has its seat; null: it is not told, as that of an individual never is."

IDENTITY: Mapping[tuple[str, str], str] = {
    ("provider.registered.v1", "address"): _ADDRESS,
    (
        "provider.registered.v1",
        "former_names",
    ): "The names that the organisation had; null: told before they were kept.",
    (
        "provider.registered.v1",
        "other_identifiers",
    ): "Further registration numbers; null: told before there could be several.",
    ("provider.details-changed.v1", "address"): _ADDRESS,
    ("provider.details-changed.v1", "members"): "The organisations of a consortium.",
    ("provider.details-changed.v1", "owners"): "The organisations that own or control it, those of before among them.",
    ("provider.details-changed.v1", "owning_persons"): "How many persons own or control it.",
    ("provider.details-changed.v1", "people"): "How many people have which role.",
    ("provider.details-changed.v1", "verification_ended"): "Whether what was verified does not carry over.",
    ("provider.merged.v1", "into"): "The entry that was kept.",
    ("provider.absorbed.v1", "given_up"): "The entry that was given up.",
    (
        "provider.absorbed.v1",
        "other_identifiers",
    ): "All registration numbers but the first, those taken over among them.",
    ("provider.absorbed.v1", "former_names"): "All former names, those taken over among them.",
    ("FormerName", "name"): "The name.",
    ("FormerName", "since"): "The first day on which it was used; null: nobody said.",
    ("FormerName", "until"): "The last day on which it was used.",
    ("Address", "street"): "Street and number.",
    ("Address", "locality"): "The town.",
    ("Address", "postal_code"): "The postal code; null: there is none.",
    ("Address", "region"): "The region; null: it is not told.",
    ("Address", "country"): "The country (ISO 3166-1, two letters).",
    ("OwningOrganisation", "control"): (
        "How it controls: `shareholding`, `voting-rights`, `appointment-of-board` or `other-influence-or-control`."
    ),
    ("OwningOrganisation", "since"): "The first day.",
    ("OwningOrganisation", "until"): "The last day; null: it still does.",
    ("OwningOrganisation", "share"): "The share in percent; null: it has none, or it is not known.",
    ("OwningOrganisation", "organisation"): "Its own entry in the registry; null: it has none.",
    ("OwningOrganisation", "identifier"): "Its registration number; null: it is not told.",
    ("ConsortiumMember", "organisation"): "The member.",
    ("ConsortiumMember", "share"): "The share in percent of what the consortium delivers.",
    ("RoleCount", "role"): "The role: `head`, `board-member`, `officer` or `authorised-signatory`.",
    ("RoleCount", "number"): "How many people have it.",
}
