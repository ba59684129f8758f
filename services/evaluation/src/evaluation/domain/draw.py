"""The draw of a supervisor: an order that anybody can work out again, walked until somebody may supervise."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from evaluation.domain.supervision_data import Draw, SkippedSupervisor
from evaluation.domain.supervisor import Supervisor
from shared.kernel import draw
from shared.kernel.errors import NotAllowed
from shared.rules.pack import RulePack

# The order is that of kernel/draw, but one party alone made the randomness, and had not committed to it before.
METHOD = "vrs-operator-seed"
ACCREDITED = "supervisor-accredited"
INDEPENDENT = "supervisor-independent"


def draw_supervisor(
    register: Sequence[Supervisor],
    *,
    contract: UUID,
    parties: frozenset[str],
    seed: bytes,
    on: date,
    pack: RulePack,
) -> tuple[Supervisor, Draw]:
    """Draw from the register; who may not supervise is passed over after the order is known, never left out before it.

    Shape: the code of the order is the contract's id as text, its randomness the seed, its labels the organisations.

    Raises:
        NotAllowed: no-supervisor-without-conflict.
    """
    candidates = {supervisor.organisation: supervisor for supervisor in register}
    order = draw.order(str(contract).encode(), seed, candidates)
    skipped: list[SkippedSupervisor] = []
    for label in order:
        rule = obstacle(candidates[label], parties=parties, on=on, pack=pack)
        if rule is None:
            return candidates[label], Draw(
                method=METHOD,
                seed=seed.hex(),
                pool=tuple(sorted(candidates)),
                order=tuple(order),
                skipped=tuple(skipped),
            )
        skipped.append(SkippedSupervisor(label, rule))
    missing = INDEPENDENT if any(skip.rule == INDEPENDENT for skip in skipped) else ACCREDITED
    raise NotAllowed(
        "no-supervisor-without-conflict",
        "No supervisor on the register may supervise this contract.",
        reference=pack.reference(missing),
        satisfied_by="The accreditation of an inspection body that has no tie to the buyer or the provider.",
    )


def obstacle(supervisor: Supervisor, *, parties: frozenset[str], on: date, pack: RulePack) -> str | None:
    """Return the id of the rule that keeps a supervisor from a contract between these parties; None if none does."""
    types = pack.table(ACCREDITED)["types"]
    if supervisor.inspection_body_type not in types or supervisor.valid_until <= on:
        return ACCREDITED
    if parties & {supervisor.organisation, *supervisor.conflicts}:
        return INDEPENDENT
    return None
