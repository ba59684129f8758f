"""Pages of the registry that print."""

from shared.platform.printing import Pages

page = Pages("provider_registry").page
