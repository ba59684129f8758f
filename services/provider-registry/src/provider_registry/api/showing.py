"""How a provider is answered."""

from fastapi import Response

from provider_registry.api.schemas import ProviderView, provider_view
from provider_registry.domain.provider import Provider
from shared.platform.commands import etag


def shown(provider: Provider, response: Response) -> ProviderView:
    """Show what is public of a provider, with the version that a change names."""
    response.headers["ETag"] = etag(provider.version)
    return provider_view(provider)
