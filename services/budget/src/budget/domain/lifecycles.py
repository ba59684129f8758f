"""Every lifecycle of the service: what the documents draw, and the tests hold the code to."""

from budget.domain.ceiling import CEILINGS
from budget.domain.fiscal_year import YEAR
from budget.domain.hold import HOLD
from budget.domain.late_interest import CLAIM
from budget.domain.mismatch import MISMATCH
from budget.domain.payee_account import ACCOUNT
from budget.domain.payment_order import ORDER
from budget.domain.reservation import RESERVATION
from budget.domain.revision import REVISION

LIFECYCLES = (REVISION, YEAR, CEILINGS, RESERVATION, ORDER, HOLD, CLAIM, ACCOUNT, MISMATCH)
