"""The provider-registry service."""
