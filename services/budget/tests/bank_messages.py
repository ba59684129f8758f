"""Statements as a bank writes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

IBAN = "DE89370400440532013000"


@dataclass
class Movement:
    """An entry as the bank books it; details are the payments it books together."""

    amount: str
    end_to_end: str | None = None
    direction: str = "DBIT"
    status: str = "BOOK"
    reference: str | None = None
    currency: str | None = None
    return_reason: str | None = None
    batch: str | None = None
    details: Sequence[tuple[str, str]] = ()


@dataclass
class Camt:
    """A bank statement as text, in one of the versions that banks send."""

    identifier: str = "2026-060"
    version: str = "08"
    account: str = IBAN
    currency: str = "EUR"
    opening: str = "100000.00"
    closing: str | None = None
    movements: list[Movement] = field(default_factory=list)
    last_page: bool = True
    closed_on: date = date(2026, 3, 31)

    def text(self, *more: "Camt") -> str:
        header = "<GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-04-01T05:00:00Z</CreDtTm></GrpHdr>"
        statements = "".join(one._statement() for one in (self, *more))
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{self.version}">'
            f"<BkToCstmrStmt>{header}{statements}</BkToCstmrStmt></Document>"
        )

    def content(self, *more: "Camt") -> bytes:
        return self.text(*more).encode()

    def _statement(self) -> str:
        booked = [one for one in self.movements if one.status == "BOOK"]
        moved = sum((Decimal(one.amount) * (-1 if one.direction == "DBIT" else 1) for one in booked), Decimal(0))
        closing = self.closing or str(Decimal(self.opening) + moved)
        pages = "" if self.last_page else "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>"
        return (
            f"<Stmt><Id>{self.identifier}</Id>{pages}<CreDtTm>2026-04-01T05:00:00Z</CreDtTm>"
            f"<Acct><Id>{self._account()}</Id></Acct>"
            f"{self._balance('OPBD', self.opening)}{self._balance('CLBD', closing)}"
            f"{''.join(map(self._entry, self.movements))}</Stmt>"
        )

    def _account(self) -> str:
        is_iban = self.account[:2].isalpha()
        return f"<IBAN>{self.account}</IBAN>" if is_iban else f"<Othr><Id>{self.account}</Id></Othr>"

    def _balance(self, kind: str, amount: str) -> str:
        direction = "DBIT" if amount.startswith("-") else "CRDT"
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="{self.currency}">{amount.lstrip("-")}</Amt>'
            f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>{self.closed_on}</Dt></Dt></Bal>"
        )

    def _entry(self, one: Movement) -> str:
        currency = one.currency or self.currency
        status = f"<Cd>{one.status}</Cd>" if self.version == "08" else one.status
        reference = f"<NtryRef>{one.reference}</NtryRef>" if one.reference else ""
        booked = f"<BookgDt><Dt>{self.closed_on}</Dt></BookgDt>"
        return (
            f'<Ntry>{reference}<Amt Ccy="{currency}">{one.amount}</Amt><CdtDbtInd>{one.direction}</CdtDbtInd>'
            f"<Sts>{status}</Sts>{booked}<BkTxCd/>{self._details(one, currency)}</Ntry>"
        )

    def _details(self, one: Movement, currency: str) -> str:
        batch = f"<Btch><PmtInfId>{one.batch}</PmtInfId></Btch>" if one.batch else ""
        parts = one.details or ([(one.end_to_end, one.amount)] if one.end_to_end else [])
        returned = f"<RtrInf><Rsn><Cd>{one.return_reason}</Cd></Rsn></RtrInf>" if one.return_reason else ""
        transactions = "".join(
            f"<TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>"
            f"{self._detail_amount(amount, currency, one.direction)}{returned}</TxDtls>"
            for end_to_end, amount in parts
        )
        return f"<NtryDtls>{batch}{transactions}</NtryDtls>" if batch or transactions else ""

    def _detail_amount(self, amount: str, currency: str, direction: str) -> str:
        if self.version == "08":
            return f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        return f'<AmtDtls><TxAmt><Amt Ccy="{currency}">{amount}</Amt></TxAmt></AmtDtls>'


@dataclass
class Report:
    """A report on a file of payments as text (pain.002.001.10); payments are end-to-end ids with status and reason."""

    file: str = "f" * 32
    identifier: str = "R-1"
    whole: str | None = None
    part: str | None = None
    reason: str | None = None
    payments: Sequence[tuple[str, str | None, str | None]] = ()
    amount: str | None = None

    def text(self) -> str:
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
            f"<GrpHdr><MsgId>{self.identifier}</MsgId><CreDtTm>2026-03-30T08:00:00Z</CreDtTm></GrpHdr>"
            f"<OrgnlGrpInfAndSts><OrgnlMsgId>{self.file}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
            f"{_told('GrpSts', self.whole, self.reason)}</OrgnlGrpInfAndSts>{self._part()}"
            f"</CstmrPmtStsRpt></Document>"
        )

    def content(self) -> bytes:
        return self.text().encode()

    def _part(self) -> str:
        if self.part is None and not self.payments:
            return ""
        payments = "".join(
            f"<TxInfAndSts><OrgnlEndToEndId>{payment}</OrgnlEndToEndId>{_told('TxSts', status, reason)}"
            f"{self._amount()}</TxInfAndSts>"
            for payment, status, reason in self.payments
        )
        told = _told("PmtInfSts", self.part, None)
        return f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{self.file}</OrgnlPmtInfId>{told}{payments}</OrgnlPmtInfAndSts>"

    def _amount(self) -> str:
        if self.amount is None:
            return ""
        return f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{self.amount}</InstdAmt></Amt></OrgnlTxRef>'


def _told(name: str, status: str | None, reason: str | None) -> str:
    told = f"<{name}>{status}</{name}>" if status else ""
    return f"{told}<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else told
