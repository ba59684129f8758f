"""Decides past procedures again under another rule pack, from the public events alone."""
