"""Writes a file of payments as the bank reads it: CustomerCreditTransferInitiation, pain.001.001.09."""

from datetime import UTC
from xml.etree.ElementTree import Element, SubElement, tostring

from budget.domain.bank_account import BankAccount
from budget.domain.payment_file import CreditTransfer, PaymentFile
from shared.rules.derivation import plain

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_LONGEST_TEXT = 140
_SEPA = "EUR"


def write_credit_transfers(file: PaymentFile) -> bytes:
    """Write the message; the same file gives the same bytes."""
    document = Element("Document", xmlns=NAMESPACE)
    message = _add(document, "CstmrCdtTrfInitn")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", file.id.hex)
    _add(header, "CreDtTm", file.created_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
    _write_totals(header, file)
    _add(_add(header, "InitgPty"), "Nm", _text(file.account.name))
    _write_payments(_add(message, "PmtInf"), file)
    content: bytes = tostring(document, encoding="utf-8", xml_declaration=True)
    return content


def _write_payments(group: Element, file: PaymentFile) -> None:
    _add(group, "PmtInfId", file.id.hex)
    _add(group, "PmtMtd", "TRF")
    # Booked one by one, so that the statement confirms each of them.
    _add(group, "BtchBookg", "false")
    _write_totals(group, file)
    within_sepa = file.control_sum.currency == _SEPA and all(
        account.iban for account in (file.account, *(one.account for one in file.transfers))
    )
    _add(_add(_add(group, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA" if within_sepa else "NURG")
    _add(_add(group, "ReqdExctnDt"), "Dt", file.execution_on.isoformat())
    _add(_add(group, "Dbtr"), "Nm", _text(file.account.name))
    _write_account(_add(group, "DbtrAcct"), file.account)
    _write_bank(_add(group, "DbtrAgt"), file.account)
    _add(group, "ChrgBr", "SLEV" if within_sepa else "SHAR")
    for transfer in file.transfers:
        _write_transfer(_add(group, "CdtTrfTxInf"), transfer)


def _write_transfer(element: Element, transfer: CreditTransfer) -> None:
    identification = _add(element, "PmtId")
    _add(identification, "InstrId", transfer.payment.hex)
    _add(identification, "EndToEndId", transfer.payment.hex)
    amount = _add(_add(element, "Amt"), "InstdAmt", plain(transfer.amount.amount))
    amount.set("Ccy", transfer.amount.currency)
    if transfer.account.bic or transfer.account.clearing:
        _write_bank(_add(element, "CdtrAgt"), transfer.account)
    _add(_add(element, "Cdtr"), "Nm", _text(transfer.account.name))
    _write_account(_add(element, "CdtrAcct"), transfer.account)
    _add(_add(element, "RmtInf"), "Ustrd", _text(transfer.remittance))


def _write_totals(element: Element, file: PaymentFile) -> None:
    _add(element, "NbOfTxs", str(file.count))
    _add(element, "CtrlSum", plain(file.control_sum.amount))


def _write_account(element: Element, account: BankAccount) -> None:
    identification = _add(element, "Id")
    if account.iban:
        _add(identification, "IBAN", account.iban)
    else:
        _add(_add(identification, "Othr"), "Id", account.identification)


def _write_bank(element: Element, account: BankAccount) -> None:
    bank = _add(element, "FinInstnId")
    if account.bic:
        _add(bank, "BICFI", account.bic)
    if account.clearing:
        member = _add(bank, "ClrSysMmbId")
        _add(_add(member, "ClrSysId"), "Cd", account.clearing.system)
        _add(member, "MmbId", account.clearing.member)
    if not account.bic and not account.clearing:
        # The message needs something here; where the IBAN says the bank, this is what the rule books write.
        _add(_add(bank, "Othr"), "Id", "NOTPROVIDED")


def _text(value: str) -> str:
    # What XML cannot hold is not printable either.
    shown = "".join(sign if sign.isprintable() else " " for sign in value)
    return shown[:_LONGEST_TEXT].strip()


def _add(parent: Element, name: str, text: str | None = None) -> Element:
    child = SubElement(parent, name)
    child.text = text
    return child
