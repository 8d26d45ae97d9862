"""Models trained, kept in force or not, and what they say of everybody."""
