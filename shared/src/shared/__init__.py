"""What every service stands on; nothing of any one domain."""
