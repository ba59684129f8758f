"""How a service stands on PostgreSQL, HTTP and the event log."""
