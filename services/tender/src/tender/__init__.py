"""The tender service."""
