"""All services in one process, and the coxswain command."""
