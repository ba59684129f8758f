"""A notice as a page that prints: plain, complete by itself, every value escaped."""

from html import escape

from budget.domain.hold import Hold
from budget.domain.notice import Notice, explained, release_words
from budget.domain.payment_order import OrderKind, PaymentOrder
from shared.contracts.fields import instant_text
from shared.kernel.money import Money
from shared.rules.derivation import plain

CONTENT_SECURITY_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def notice_page(notice: Notice) -> str:
    """Write the page."""
    parts = (
        ("Worth", notice.due),
        ("Paid", notice.paid),
        ("Payable and not paid yet", notice.payable),
        ("Held", notice.held),
        ("Deducted", notice.deducted),
    )
    sections = [
        _table("What became of the period; paid, payable, held and deducted add up to what it is worth", parts),
        _list("How the acceptance was worked out", [line.text for line in notice.lines]),
    ]
    sections += [_hold(one) for one in notice.holds]
    sections += [_order(one) for one in notice.orders]
    title = f"Notice on period {notice.period}"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>\n'
        f"<h1>{escape(title)}</h1>\n"
        f"<p>Contract {notice.contract} of the procedure {escape(notice.ocid)}, provider {escape(notice.payee)}, "
        f"grade {escape(notice.grade)}.</p>\n" + "\n".join(sections) + "\n</body></html>\n"
    )


def _hold(hold: Hold) -> str:
    parts = f"{_written(hold.released)} were released and {_written(hold.forfeited)} forfeited"
    told, until = instant_text(hold.notified_at), instant_text(hold.appeal_until)
    lines = [
        hold.text,
        release_words(hold.condition),
        f"Of {_written(hold.amount)}, {parts}; {_written(hold.rest)} are still held.",
        f"The provider was told on {told} and may appeal before {until}.",
    ]
    if hold.appealed_at is not None:
        decided = f"the decision was due by {instant_text(hold.decision_due)}"
        lines.append(f"The provider appealed on {instant_text(hold.appealed_at)}; {decided}.")
    return _list(f"Hold {hold.id}: {_written(hold.amount)}", lines)


def _order(order: PaymentOrder) -> str:
    lines = [
        f"Due by {instant_text(order.due_at)}; {_written(order.paid)} of {_written(order.amount)} are paid.",
        # Those of the period itself stand above.
        *(line.text for line in (() if order.kind is OrderKind.PERIOD else explained(order.derivation))),
    ]
    return _list(f"Payment order {order.id} ({order.kind}): {_written(order.amount)}", lines)


def _table(caption: str, rows: tuple[tuple[str, Money], ...]) -> str:
    cells = "".join(
        f'<tr><th scope="row" align="left">{escape(name)}</th><td align="right">{escape(_written(amount))}</td></tr>'
        for name, amount in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{cells}</tbody></table>"


def _list(heading: str, lines: list[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{escape(heading)}</h2>\n<ol>{items}</ol>"


def _written(amount: Money) -> str:
    return f"{plain(amount.amount)} {amount.currency}"
