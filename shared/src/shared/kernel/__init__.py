"""Pure ground that every service stands on: time, identity, money, errors, access."""
