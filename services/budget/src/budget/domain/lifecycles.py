"""Every lifecycle of the service: what the documents draw, and the tests hold the code to."""

from budget.domain.hold import HOLD

LIFECYCLES = (HOLD,)
