"""What the fields of the events about what providers declare and prove mean, by form and name."""

from collections.abc import Mapping

_ALL = "entered accepted expiring expired"
PROVIDER_EVIDENCE: Mapping[tuple[str, str], str] = {
    ("CertificateCount", "certificate_type"): "What is certified.",
    ("CertificateCount", "certificates"): "How many certificates of this type an officer has confirmed.",
    ("provider.declared.v1", "pack"): "The rule pack whose criteria were answered, in the version that was in force.",
    ("provider.declared.v1", "declared_at"): "When it declared itself.",
    ("provider.declared.v1", "valid_until"): "The first instant at which the declaration does not count any more.",
    ("provider.document-accepted.v1", "accepted_at"): "When it was accepted.",
    ("provider.document-expired.v1", "expired_at"): "The first instant at which it did not hold any more.",
    ("provider.document-expiring.v1", "expires_at"): "The first instant at which it will not hold any more.",
    ("provider.evidence-pack-issued.v1", "at"): "The instant as known at which everything in it is.",
    ("provider.evidence-pack-issued.v1", "digest"): "The SHA-256 of the pack's canonical JSON in UTF-8 (RFC 8785).",
    ("provider.evidence-pack-issued.v1", "issued_at"): "When it was put together.",
    (
        "provider.evidence-pack-issued.v1",
        "pack",
    ): "The rule pack that it is for, in the version that was in force at the instant.",
    ("provider.professionals-changed.v1", "certificates"): "Their confirmed certificates, by type, expired or not.",
    ("provider.professionals-changed.v1", "practice_hours"): "Their confirmed hours of practice, rounded down.",
    ("provider.professionals-changed.v1", "professionals"): "How many the provider employs.",
    **{
        (f"provider.document-{what}.v1", field): text
        for field, text, events in (
            ("criteria", "The criteria that it is to prove, by their ids in the rule packs.", _ALL),
            ("issuer", "Who issued it.", _ALL),
            ("valid_from", "The first day on which it holds.", "entered accepted"),
            ("valid_until", "The last day on which it holds.", "entered accepted"),
        )
        for what in events.split()
    },
}
