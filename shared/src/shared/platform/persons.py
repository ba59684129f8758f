"""The key by which the services that share it recognise a person of whom an event says nothing."""

from typing import Annotated

from fastapi import Depends, Request

from shared.platform.runtime import runtime_of


async def persons_key(request: Request) -> bytes | None:
    """Return the key; None where the operator has given none."""
    return runtime_of(request).persons_key


PersonsKey = Annotated[bytes | None, Depends(persons_key)]
