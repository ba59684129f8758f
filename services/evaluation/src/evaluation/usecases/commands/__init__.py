"""What happens in the evaluation; nothing here commits."""
