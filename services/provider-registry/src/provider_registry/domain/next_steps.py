"""What a newcomer still lacks for its first eligible bid, step by step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provider_registry.domain.finding import Finding
from provider_registry.domain.provider_data import Status
from shared.kernel.errors import RuleReference
from shared.rules.pack import RulePack

AGE = "qualification.age-alone"
VERIFIED = frozenset({"provider-verified", "provider-not-verified"})
"""What the steps of the verification say one by one."""
_LADDER = (
    ("evidence", "provider", "The provider puts its evidence forward."),
    ("check", "registry", "A first officer of the registry finds the evidence good."),
    ("verification", "registry", "A second officer of the registry confirms it."),
)
_DONE = {Status.REGISTERED: 0, Status.SUBMITTED: 1, Status.CHECKED: 2, Status.VERIFIED: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Hold one step, whose it is, and the rule that it rests on.

    Shape: who is `provider` or `registry`, and None of a step that nobody can take, as the end of a term is awaited.
    """

    code: str
    done: bool
    who: str | None
    text: str
    reference: RuleReference | None = None


def next_steps(status: Status, found: Sequence[Finding], pack: RulePack) -> tuple[Step, ...]:
    """Say what has been done and what is still to do until nothing keeps a provider from a first bid.

    Its age is no step: where the pack says so, it alone excludes nobody, and that is said.
    """
    return (
        Step(code="entry", done=True, who="provider", text="The provider is entered in the registry."),
        *_verification(status, found, pack),
        *(_step(one) for one in found if one.code not in VERIFIED),
        *_age(pack),
    )


def _verification(status: Status, found: Sequence[Finding], pack: RulePack) -> Iterator[Step]:
    holds = any(one.code == "provider-verified" and not one.excludes for one in found)
    # What was verified once and has expired is to be shown anew, from the first step on.
    reached = _DONE[status] if status is not Status.VERIFIED or holds else 0
    for place, (code, who, text) in enumerate(_LADDER):
        done = holds or place < reached
        yield Step(code=code, done=done, who=who, text=text, reference=pack.reference("bidder-verified"))


def _step(found: Finding) -> Step:
    # Who can declare or prove something is the provider; a decision of another body runs until it ends.
    who = "provider" if found.code.partition(".")[0] in {"declared", "proved"} else None
    return Step(code=found.code, done=not found.excludes, who=who, text=found.text, reference=found.reference)


def _age(pack: RulePack) -> Iterator[Step]:
    if AGE in pack.rules and pack.flag(AGE):
        text = "No age is asked for: a provider is not excluded because it is young."
        yield Step(code="age", done=True, who=None, text=text, reference=pack.reference(AGE))
