"""Pages of the budget that print."""

from decimal import Decimal

from shared.platform.printing import Pages

page = Pages("budget").page


def published_amount(value: dict[str, str]) -> str:
    """Write for a reader an amount as it goes over the wire."""
    return f"{Decimal(value['amount']):,f} {value['currency']}"
