"""Reads what a bank says happened on an account: BankToCustomerStatement, camt.053.001.02 and camt.053.001.08."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from budget.api.iso20022.message import Node, read_message
from budget.domain.bank_statement import BankStatement, Direction, StatementItem, check_statement
from shared.kernel.errors import Invalid
from shared.kernel.money import Money, money, total

# Both say the same for our purposes; what was moved between them is asked for in both places.
VERSIONS = ("camt.053.001.02", "camt.053.001.08")

_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DIRECTIONS = {"DBIT": Direction.DEBIT, "CRDT": Direction.CREDIT}
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_NOT_PROVIDED = "NOTPROVIDED"


def read_statements(content: bytes) -> tuple[BankStatement, ...]:
    """Read all statements of a message.

    Raises:
        Invalid: xml-with-declarations, xml-malformed, statement-format-unknown, statement-incomplete,
            statement-in-pages, statement-value-malformed, statement-details-differ, statement-repeated, what money()
            refuses and what check_statement() refuses.
    """
    message = read_message(content, "statement", VERSIONS)
    statements = tuple(map(_statement, message.all("BkToCstmrStmt/Stmt")))
    if not statements:
        raise message.incomplete("BkToCstmrStmt/Stmt")
    if len({(one.account, one.id) for one in statements}) < len(statements):
        raise Invalid("statement-repeated", "The message holds the same statement twice.")
    if message.text("BkToCstmrStmt/GrpHdr/MsgPgntn/LastPgInd") == "false":
        raise _in_pages()
    for statement in statements:
        check_statement(statement)
    return statements


def _statement(node: Node) -> BankStatement:
    if node.text("StmtPgntn/LastPgInd") == "false":
        raise _in_pages()
    closing = _balance(node, _CLOSING)
    return BankStatement(
        id=node.needed("Id"),
        account=node.needed("Acct/Id/IBAN", "Acct/Id/Othr/Id"),
        closed_on=_day(closing, "Dt/Dt", "Dt/DtTm"),
        opening=_signed(_balance(node, _OPENING)),
        closing=_signed(closing),
        items=tuple(
            item
            for place, entry in enumerate(node.all("Ntry"), 1)
            if entry.needed("Sts/Cd", "Sts") == "BOOK"
            for item in _items(entry, place)
        ),
    )


def _balance(node: Node, kinds: tuple[str, ...]) -> Node:
    for kind in kinds:
        for balance in node.all("Bal"):
            if balance.text("Tp/CdOrPrtry/Cd") == kind:
                return balance
    raise node.incomplete(f"Bal/Tp/CdOrPrtry/Cd = {kinds[0]}")


def _signed(balance: Node) -> Money:
    amount = _amount(balance, "Amt")
    return amount if _direction(balance) is Direction.CREDIT else Money(-amount.minor, amount.currency)


def _items(entry: Node, place: int) -> Iterator[StatementItem]:
    """Yield the movements that an entry holds: itself, or those that it tells apart."""
    amount, direction = _amount(entry, "Amt"), _direction(entry)
    reference = entry.text("NtryRef", "AcctSvcrRef") or f"entry {place}"
    details = entry.all("NtryDtls/TxDtls")
    common = {
        "booked_on": _day(entry, "BookgDt/Dt", "BookgDt/DtTm"),
        "batch": entry.text("NtryDtls/Btch/PmtInfId"),
    }
    if len(details) <= 1:
        yield _item(entry, details[0] if details else entry, reference, amount, direction, common)
        return
    amounts = [_amount(one, "Amt", "AmtDtls/TxAmt/Amt") for one in details]
    if total(amounts, amount.currency) != amount:
        raise Invalid("statement-details-differ", "The details of an entry do not add up to its amount.")
    for number, (one, part) in enumerate(zip(details, amounts, strict=True), 1):
        yield _item(entry, one, f"{reference}/{number}", part, direction, common)


def _item(
    entry: Node, detail: Node, reference: str, amount: Money, direction: Direction, common: dict[str, Any]
) -> StatementItem:
    end_to_end = detail.text("Refs/EndToEndId")
    reason = detail.text("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry")
    return StatementItem(
        reference=reference,
        direction=direction,
        amount=amount,
        end_to_end=None if end_to_end == _NOT_PROVIDED else end_to_end,
        returned=entry.text("RvslInd") in {"true", "1"} or detail.first("RtrInf") is not None,
        return_reason=reason,
        **{**common, "batch": detail.text("Refs/PmtInfId") or common["batch"]},
    )


def _amount(node: Node, *paths: str) -> Money:
    text = node.needed(*paths)
    found = node.first(*paths)
    currency = found.element.get("Ccy", "") if found else ""
    if not _AMOUNT.fullmatch(text) or not _CURRENCY.fullmatch(currency):
        raise _malformed()
    return money(Decimal(text), currency)


def _direction(node: Node) -> Direction:
    direction = _DIRECTIONS.get(node.needed("CdtDbtInd"))
    if direction is None:
        raise _malformed()
    return direction


def _day(node: Node, *paths: str) -> date:
    try:
        return date.fromisoformat(node.needed(*paths)[:10])
    except ValueError as error:
        raise _malformed() from error


def _in_pages() -> Invalid:
    return Invalid(
        "statement-in-pages",
        "The message is one of several pages of a statement.",
        satisfied_by="The whole statement in one message.",
    )


def _malformed() -> Invalid:
    return Invalid("statement-value-malformed", "An amount, a direction or a day of the statement cannot be read.")
