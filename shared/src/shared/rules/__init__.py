"""Rule packs as data and the pure functions that apply them."""
