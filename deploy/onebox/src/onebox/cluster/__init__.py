"""The same services as on many machines, each role a process of its own, without containers."""
