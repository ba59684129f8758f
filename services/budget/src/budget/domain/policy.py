"""Who may do what in the budget; everything else happens by the events of others."""

from shared.kernel.access import Policy, Relation, rule

# Who sees all that lies between the ledger and the bank.
INSIDE = frozenset({"finance-officer", "treasurer", "auditor"})

POLICY: Policy = {
    "budget.appropriate": rule("finance-officer"),
    "budget.declare-year": rule("finance-officer"),
    "budget.close-year": rule("finance-officer"),
    "budget.open-year": rule("finance-officer"),
    "budget.propose-ceilings": rule("finance-officer"),
    "budget.decide-ceilings": rule("finance-officer"),
    "budget.propose-revision": rule("finance-officer"),
    "budget.decide-revision": rule("finance-officer"),
    "budget.reserve": rule("finance-officer"),
    "budget.release-reservation": rule("finance-officer"),
    "budget.approve-payment": rule("finance-officer"),
    "budget.pay": rule("treasurer"),
    "budget.ask-advance": rule("finance-officer"),
    "budget.enter-repayment": rule("treasurer"),
    "hold.appeal": rule("provider", relation=Relation.OWN_ORGANISATION),
    "hold.propose": rule("finance-officer"),
    "hold.decide": rule("finance-officer"),
    "budget.enter-invoice": rule("finance-officer", "provider"),
    "budget.read-invoice": rule("provider", *INSIDE),
    "budget.enter-rate": rule("finance-officer"),
    "budget.order-interest": rule("finance-officer"),
    "budget.make-file": rule("treasurer"),
    "budget.read-file": rule(*INSIDE),
    "budget.take-statement": rule("finance-officer"),
    "budget.take-status-report": rule("finance-officer"),
    "budget.read-reconciliation": rule(*INSIDE),
    "budget.explain-mismatch": rule("finance-officer"),
    "budget.propose-account": rule("finance-officer"),
    "budget.confirm-account": rule("finance-officer"),
    "budget.read-account": rule(*INSIDE),
}
