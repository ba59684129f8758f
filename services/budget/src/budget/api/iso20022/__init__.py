"""How banks are written to and read: ISO 20022 messages."""
