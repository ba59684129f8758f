"""Reads what a bank says of payments that it was told to make: CustomerPaymentStatusReport, pain.002.001.10."""

import re
from datetime import date
from decimal import Decimal

from budget.api.iso20022.message import Node, read_message
from budget.domain.payment_status import (
    PaymentStatusReport,
    ReportedGroup,
    ReportedPayment,
    Status,
    Told,
    check_report,
)
from shared.kernel.errors import Invalid
from shared.kernel.money import Money, money

VERSIONS = ("pain.002.001.10",)

_KIND = "payment-status"
# ISO 20022, external code sets ExternalPaymentGroupStatus1Code and ExternalPaymentTransactionStatus1Code.
_STATUSES = {
    **dict.fromkeys(("ACCC", "ACCP", "ACFC", "ACIS", "ACSC", "ACSP", "ACTC", "ACWC", "ACWP"), Status.ACCEPTED),
    **dict.fromkeys(("BLCK", "PATC", "PDNG", "PRES", "RCVD"), Status.PENDING),
    **dict.fromkeys(("CANC", "RJCT"), Status.REJECTED),
}
_PARTLY = "PART"
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?")
_CURRENCY = re.compile(r"[A-Z]{3}")


def read_status_report(content: bytes) -> PaymentStatusReport:
    """Read a report: of the file, of its parts, and of its payments.

    Raises:
        Invalid: xml-with-declarations, xml-malformed, payment-status-format-unknown, payment-status-incomplete,
            payment-status-unknown, payment-status-value-malformed, what money() refuses and what check_report()
            refuses.
    """
    message = read_message(content, _KIND, VERSIONS)
    report = message.first("CstmrPmtStsRpt")
    if report is None:
        raise message.incomplete("CstmrPmtStsRpt")
    whole = report.first("OrgnlGrpInfAndSts")
    if whole is None:
        raise report.incomplete("OrgnlGrpInfAndSts")
    status = _told(whole, "GrpSts")
    read = PaymentStatusReport(
        id=report.needed("GrpHdr/MsgId"),
        created_on=_day(report.needed("GrpHdr/CreDtTm")),
        groups=(
            ReportedGroup(reference=whole.needed("OrgnlMsgId"), told=status),
            *(_group(part, status) for part in report.all("OrgnlPmtInfAndSts")),
        ),
    )
    check_report(read)
    return read


def _group(part: Node, inherited: Told | None) -> ReportedGroup:
    told = _told(part, "PmtInfSts")
    return ReportedGroup(
        reference=part.needed("OrgnlPmtInfId"),
        told=told,
        payments=tuple(_payment(one, told or inherited) for one in part.all("TxInfAndSts")),
    )


def _payment(node: Node, inherited: Told | None) -> ReportedPayment:
    told = _told(node, "TxSts") or inherited
    if told is None:
        raise node.incomplete("TxSts")
    return ReportedPayment(end_to_end=node.needed("OrgnlEndToEndId", "OrgnlInstrId"), told=told, amount=_amount(node))


def _told(node: Node, name: str) -> Told | None:
    code = node.text(name)
    if code is None or code == _PARTLY:
        return None
    if code not in _STATUSES:
        raise Invalid(
            "payment-status-unknown",
            "The bank's code of a status is none that is read here.",
            satisfied_by="A code of the external code sets of ISO 20022.",
        )
    return Told(_STATUSES[code], node.text("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry"))


def _amount(node: Node) -> Money | None:
    found = node.first("OrgnlTxRef/Amt/InstdAmt", "OrgnlTxRef/IntrBkSttlmAmt")
    if found is None:
        return None
    text, currency = (found.element.text or "").strip(), found.element.get("Ccy", "")
    if not _AMOUNT.fullmatch(text) or not _CURRENCY.fullmatch(currency):
        raise _malformed()
    return money(Decimal(text), currency)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise _malformed() from error


def _malformed() -> Invalid:
    return Invalid("payment-status-value-malformed", "An amount or a day of the report cannot be read.")
