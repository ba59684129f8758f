"""Reading the open contracting data (OCDS) that others publish."""
