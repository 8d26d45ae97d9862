"""One customer, now: weighed, decided, kept so that it can be taken again, explained."""
