"""What a bank reports of payments: read as it means it, and held against what the ledger and the bank said before."""

from typing import Any

import pytest
from pyiso20022.pain.pain_002_001_10.pain_002_001_10 import Document
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer

from budget.api.iso20022.status_report import read_status_report
from budget.domain.payment_status import ReportedState, StatusFinding, StatusOutcome, apply_report
from budget.domain.reconciliation import Outcome
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

FILE = derived_id("test-file")
FIRST, SECOND = derived_id("test-payment", 1), derived_id("test-payment", 2)
FIRST_TOLD, SECOND_TOLD = (FIRST.hex, "ACSP", None), (SECOND.hex, "RJCT", "AC04")


def sent(payment: Any = FIRST, **changed: Any) -> ReportedState:
    values = {"id": payment, "file": FILE, "amount": Money(10_000, "EUR")}
    return ReportedState(**{**values, **changed})


def found(report: Any, *payments: ReportedState) -> dict[Any, StatusFinding]:
    findings = apply_report(read_status_report(report.content()), payments or (sent(), sent(SECOND)))
    return {one.payment or one.reference: one for one in findings}


def outcomes(report: Any, *payments: ReportedState) -> dict[Any, str]:
    return {key: str(one.outcome) for key, one in found(report, *payments).items()}


@pytest.mark.parametrize(
    ("said", "first", "second"),
    [
        ({"payments": [FIRST_TOLD, SECOND_TOLD]}, "accepted", "rejected"),
        ({"whole": "PART", "payments": [FIRST_TOLD, SECOND_TOLD]}, "accepted", "rejected"),
        ({"whole": "RJCT"}, "rejected", "rejected"),
        ({"whole": "RCVD"}, "pending", "pending"),
        ({"part": "RJCT"}, "rejected", "rejected"),
        ({"whole": "PDNG", "part": "ACCP"}, "accepted", "accepted"),
        # What is said of the payment itself counts most, and what it leaves out is as the file.
        ({"whole": "ACTC", "payments": [SECOND_TOLD]}, "accepted", "rejected"),
        ({"part": "RJCT", "payments": [(FIRST.hex, "ACSC", None), (SECOND.hex, None, None)]}, "accepted", "rejected"),
        ({"whole": "CANC"}, "rejected", "rejected"),
    ],
)
def test_each_payment_has_what_the_bank_says_of_it(pain: Any, said: Any, first: str, second: str) -> None:
    assert outcomes(pain(file=FILE.hex, **said)) == {FIRST: first, SECOND: second}


def test_payments_of_other_files_are_left_alone_when_a_file_is_rejected(pain: Any) -> None:
    other = sent(SECOND, file=derived_id("other-file"))
    assert outcomes(pain(file=FILE.hex, whole="RJCT"), sent(), other) == {FIRST: "rejected"}


def test_reason_is_the_code_of_the_bank(pain: Any) -> None:
    rejected = found(pain(file=FILE.hex, payments=[SECOND_TOLD]))[SECOND]
    assert (rejected.reason, rejected.difference) == ("AC04", None)
    whole = found(pain(file=FILE.hex, whole="RJCT", reason="FF01"))
    assert [one.reason for one in whole.values()] == ["FF01", "FF01"]


@pytest.mark.parametrize(
    ("said", "state", "outcome", "difference"),
    [
        ({}, {"undone": True}, StatusOutcome.REPEATED, None),
        ({}, {"undone": True, "confirmed": True}, StatusOutcome.REPEATED, None),
        ({}, {"confirmed": True}, StatusOutcome.DIFFERS, Outcome.STATUS_DIFFERS),
        ({"amount": "99.00"}, {}, StatusOutcome.DIFFERS, Outcome.AMOUNT_DIFFERS),
        ({"amount": "100.00"}, {}, StatusOutcome.REJECTED, None),
    ],
)
def test_rejection_is_held_against_what_is_known_of_the_payment(
    pain: Any, said: Any, state: Any, outcome: StatusOutcome, difference: Outcome | None
) -> None:
    report = pain(file=FILE.hex, payments=[(FIRST.hex, "RJCT", "AC04")], **said)
    one = found(report, sent(**state))[FIRST]
    assert one.outcome is outcome
    assert (one.difference.outcome if one.difference else None) is difference


def test_what_is_no_payment_of_ours_is_told_once(pain: Any) -> None:
    strange = [("E-77", "RJCT", None), (derived_id("elsewhere").hex, "RJCT", None)]
    told = found(pain(file="f" * 32, whole="RJCT", payments=strange))
    assert set(told) == {"f" * 32, "E-77", derived_id("elsewhere").hex}
    assert {one.difference.outcome for one in told.values() if one.difference} == {Outcome.UNKNOWN_ENTRY}


def test_it_reads_what_another_library_writes(pain: Any) -> None:
    written = pain(file=FILE.hex, whole="PART", payments=[FIRST_TOLD, SECOND_TOLD], amount="100.00").text()
    # Strict: an element that the official schema does not have there fails.
    rewritten = XmlSerializer().render(XmlParser().from_string(written, Document))
    assert rewritten != written
    assert read_status_report(rewritten.encode()) == read_status_report(written.encode())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "payment-status-incomplete"),
        ({"whole": "PART"}, "payment-status-incomplete"),
        ({"payments": [(FIRST.hex, None, None)]}, "payment-status-incomplete"),
        ({"payments": [("", "RJCT", None)]}, "payment-status-incomplete"),
        ({"identifier": "", "whole": "RJCT"}, "payment-status-incomplete"),
        ({"whole": "LOST"}, "payment-status-unknown"),
        ({"payments": [FIRST_TOLD, FIRST_TOLD]}, "payment-status-repeated"),
        ({"payments": [FIRST_TOLD], "amount": "1e3"}, "payment-status-value-malformed"),
        ({"payments": [FIRST_TOLD], "amount": "1.001"}, "amount-too-fine"),
    ],
)
def test_report_that_makes_no_sense_is_refused(pain: Any, said: Any, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_status_report(pain(**said).content())
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'<!DOCTYPE d [<!ENTITY a "ha">]><d>&a;</d>', "xml-with-declarations"),
        (b"<Document", "xml-malformed"),
        (b"<Document/>", "payment-status-format-unknown"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>', "payment-status-format-unknown"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"/>', "payment-status-incomplete"),
        (
            b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt/></Document>',
            "payment-status-incomplete",
        ),
    ],
)
def test_what_is_no_report_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_status_report(content)
    assert refused.value.code == code
