"""Follows the event feeds."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
from rich.console import Console

_LIMIT = 500


async def tail_events(
    url: str, services: tuple[str, ...], *, after: int, follow: bool, as_json: bool, console: Console
) -> int:
    """Print events of several services; return the exit code."""
    unreadable: list[str] = []
    async with httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(10, read=60)) as client:
        try:
            async with asyncio.TaskGroup() as group:
                for service in services:
                    group.create_task(_tail(client, service, after, follow=follow, as_json=as_json, console=console))
        except* httpx.HTTPError as failures:
            unreadable = sorted({type(failure).__name__ for failure in failures.exceptions})
    if unreadable:
        console.print(f"The feed cannot be read at {url} ({', '.join(unreadable)}).", style="red")
    return 1 if unreadable else 0


async def _tail(
    client: httpx.AsyncClient, service: str, after: int, *, follow: bool, as_json: bool, console: Console
) -> None:
    reading = _stream(client, service, after) if follow else _stored(client, service, after)
    async for event in reading:
        if as_json:
            console.print(json.dumps(event, ensure_ascii=False), soft_wrap=True, highlight=False, markup=False)
        else:
            place = f"{event['time'][:19]}Z  {service:<18} {event['position']:>6}"
            line = f"{place}  {event['type']:<38} {event['partitionkey']}"
            console.print(line, soft_wrap=True, highlight=False, markup=False)


async def _stored(client: httpx.AsyncClient, service: str, after: int) -> AsyncIterator[dict[str, Any]]:
    while True:
        response = await client.get(f"/{service}/v1/events", params={"after": after, "limit": _LIMIT})
        response.raise_for_status()
        events = response.json()
        for event in events:
            yield event
        if not events:
            return
        after = events[-1]["position"]


async def _stream(client: httpx.AsyncClient, service: str, after: int) -> AsyncIterator[dict[str, Any]]:
    headers = {"Last-Event-ID": str(after)}
    async with client.stream("GET", f"/{service}/v1/events/stream", headers=headers) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))
