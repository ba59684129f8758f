"""What a tender says beforehand of its contract: options, securities, and what its changes are held to."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from shared.kernel.calendar import years
from shared.kernel.errors import Invalid
from shared.kernel.money import Money
from shared.rules.checks import check_rule
from shared.rules.facts import Facts, FactValue
from shared.rules.pack import RulePack
from shared.rules.payment_formula import RULE as FORMULA
from shared.rules.payment_formula import PaymentFormula, pack_formula
from shared.rules.result import require

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OptionTerms:
    """A renewal, as the tender offers it.

    Units: share is what it is worth, as a share of the contract's value; it is exercised before the day.
    """

    id: str
    title: str
    months: int
    share: Decimal
    exercise_before: date


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What a tender says of its contract.

    Units: performance_security is a share of the contract's value; threshold names the rule of the pack that applies;
    without payment the pack's formula is agreed.
    """

    options: tuple[OptionTerms, ...] = ()
    performance_security: Decimal | None = None
    bid_security: Money | None = None
    stable_for_years: bool = False
    regime: str | None = None
    threshold: str | None = None
    payment: PaymentFormula | None = None

    @property
    def of_orders(self) -> "ContractTerms":
        """Return what holds for each order under a framework agreement; options and securities are not part of one."""
        return replace(self, options=(), performance_security=None, bid_security=None)


@dataclass(frozen=True, slots=True)
class AgreedPayment:
    """Hold the formula that a contract carries: whose it is, and in which version."""

    id: str
    version: str
    terms: PaymentFormula


NO_TERMS = ContractTerms()
TERM_YEARS = "contract.term_years_with_options"


def agreed_payment(terms: ContractTerms, ocid: str, pack: RulePack) -> AgreedPayment:
    """Return the formula that a contract is paid by: the tender's own, or else that of its pack."""
    if terms.payment is not None:
        return AgreedPayment(f"{ocid}/{FORMULA}", "1", terms.payment)
    return AgreedPayment(f"{pack.id}/{FORMULA}", pack.version, pack_formula(pack))


def check_terms(
    terms: ContractTerms, *, start: date, end: date, value: Money, pack: RulePack, exceptable: bool = True
) -> None:
    """Hold what a tender says of its contract to the pack; the term counts with all options.

    Shape: exceptable says whether rules count that the pack lets an exception be granted from.

    Raises:
        Invalid: option-repeated, option-not-positive, option-too-late, security-not-positive, currencies-differ,
            amount-too-large, rule-unknown.
        NotAllowed: contract-term-too-long, bid-security-above-cap, performance-security-above-cap, facts-missing.
    """
    if len({option.id for option in terms.options}) < len(terms.options):
        raise Invalid("option-repeated", "An option's id is used once.", pointer="/body/terms/options")
    if any(option.months < 1 or option.share <= 0 for option in terms.options):
        raise Invalid("option-not-positive", "An option has a length and a value.", pointer="/body/terms/options")
    if any(option.exercise_before > end for option in terms.options):
        raise Invalid("option-too-late", "An option is exercised before the contract ends.", pointer="/body/terms")
    for option in terms.options:
        value.share(option.share)  # an amount that does not fit is refused here and not when the contract is made
    share, bid = terms.performance_security, terms.bid_security
    if (share is not None and share <= 0) or (bid is not None and bid.minor <= 0):
        raise Invalid("security-not-positive", "A security is an amount above zero.", pointer="/body/terms")
    check_term(terms, start=start, end=end, months=_months(terms), pack=pack, exceptable=exceptable)
    if share is not None:
        check_performance_security(value.share(share), value, pack)
    if bid is not None:
        if bid.currency != value.currency:
            raise Invalid("currencies-differ", "The bid security is in the tender's currency.", pointer="/body/terms")
        facts = {"security.bid": amount_fact(bid), "procedure.estimate": amount_fact(value)}
        hold(pack, "bid-security-cap", facts, "bid-security-above-cap")
    if terms.threshold is not None:
        pack.number(terms.threshold)


def check_term(
    terms: ContractTerms, *, start: date, end: date, months: int, pack: RulePack, exceptable: bool = True
) -> None:
    """Hold a contract's term with so many months of options to the pack's caps.

    Raises:
        NotAllowed: contract-term-too-long, facts-missing.
    """
    facts: dict[str, FactValue] = {
        TERM_YEARS: years(start, add_months(end + _DAY, months)),
        "contract.stable_for_years": terms.stable_for_years,
    }
    for rule_id in sorted(pack.rules):
        if rule_id.startswith("contract-term.") and (exceptable or not pack.rule(rule_id).exceptable):
            hold(pack, rule_id, facts, "contract-term-too-long")


def term_years(terms: ContractTerms, *, start: date, end: date) -> Fraction:
    """Return the longest that a contract may last, with all its options.

    Units: years.
    """
    return years(start, add_months(end + _DAY, _months(terms)))


def _months(terms: ContractTerms) -> int:
    return sum(option.months for option in terms.options)


def check_performance_security(amount: Money, value: Money, pack: RulePack) -> None:
    """Hold a performance security to the pack's cap.

    Raises:
        NotAllowed: performance-security-above-cap.
    """
    facts = {"security.performance": amount_fact(amount), "contract.value": amount_fact(value)}
    hold(pack, "performance-security-cap", facts, "performance-security-above-cap")


def hold(pack: RulePack, rule_id: str, facts: Facts, code: str) -> None:
    """Refuse unless the facts meet a rule; a rule that the pack does not have asks for nothing.

    Raises:
        NotAllowed: the code, naming the rule and its source; facts-missing.
    """
    rule = pack.rules.get(rule_id)
    if rule is not None:
        require(check_rule(rule, facts, pack.calendar).result, code)


def amount_fact(amount: Money) -> Fraction:
    """Write an amount as the rules read it, in the main unit of its currency."""
    return Fraction(amount.amount)


def add_months(day: date, months: int) -> date:
    """Move a day by months; a day that the month does not have is its last."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
