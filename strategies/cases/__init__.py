"""Cases: what is given, what is asked, what must come of it."""
