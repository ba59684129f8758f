"""Contracting processes of others, read from the OCDS they publish."""

from evaluation.domain.external.dates import instant
from evaluation.domain.external.fields import Amount, Note
from evaluation.domain.external.organisations import Organisation
from evaluation.domain.external.process import Award, Contract, ExternalProcess, external_process
from shared.kernel.canonical import digest

__all__ = [
    "Amount",
    "Award",
    "Contract",
    "ExternalProcess",
    "Note",
    "Organisation",
    "digest",
    "external_process",
    "instant",
]
