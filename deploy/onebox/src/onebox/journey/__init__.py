"""The life of one outsourced service, walked through the public APIs."""
