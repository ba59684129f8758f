"""The key by which the services that share it recognise a person of whom an event says nothing."""

from typing import Annotated

from fastapi import Depends, Request

from shared.platform.runtime import runtime_of


async def persons_key(request: Request) -> bytes:
    """Return the key, without which a service that asks for it does not start."""
    key = runtime_of(request).persons_key
    if key is None:
        raise RuntimeError("The settings of a service that recognises persons ask for the key.")
    return key


PersonsKey = Annotated[bytes, Depends(persons_key)]
