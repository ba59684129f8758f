"""Who may do what in the portal: everything here is public, so the table has no row."""

from shared.kernel.access import Policy

POLICY: Policy = {}
