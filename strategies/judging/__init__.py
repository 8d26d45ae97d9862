"""What the rules say of one candidate, and of everybody at once, at one instant."""
