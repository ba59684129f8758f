"""How a bad pack is refused."""

from shared.kernel.errors import Invalid


def pack_invalid(pack_id: str, pointer: str, complaint: str) -> Invalid:
    """Name the file, the place in it, and what is wrong there."""
    detail = f"packs/{pack_id}.yaml at {pointer or '/'}: {complaint}"
    return Invalid("pack-invalid", detail, pointer=pointer)
