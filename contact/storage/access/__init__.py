"""Who may come in, what they looked at, and what they may take out."""
