"""What every page stands on: who asks, in which language and look, and what draws it."""
