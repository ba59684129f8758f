"""What of a provider is held against lists."""

from hashlib import sha256

from provider_registry.domain.provider import Provider
from provider_registry.domain.screening import Part, Screened


def screened_of(provider: Provider) -> Screened:
    """Put together all names of a provider, of who runs it and of who owns it, and all its registration numbers."""
    names = (
        (Part.NAME, provider.name),
        *((Part.FORMER_NAME, former.name) for former in provider.former_names),
        *((Part.PERSON, person.name) for person in provider.people),
        *((Part.OWNER, owner.name) for owner in provider.owners),
    )
    identifiers = tuple((one.scheme, one.id) for one in (provider.identifier, *provider.other_identifiers))
    return Screened(names, identifiers)


def digest_of(screened: Screened) -> str:
    """Digest what is held against lists (SHA-256, hexadecimal)."""
    return sha256(repr((sorted(screened.names), sorted(screened.identifiers))).encode()).hexdigest()
