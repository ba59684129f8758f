"""Questions put to the rules as plain JSON, and answered as plain JSON."""
