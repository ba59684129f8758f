"""Tells our own cancellation from that of a library which cancels within itself and lets it out."""

import asyncio


def is_ours() -> bool:
    """Tell whether somebody has asked the present task to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
