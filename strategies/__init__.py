"""Ground floor: the language of contact rules, and what it says of one customer at one instant.

Everything here takes text and values and returns values: no I/O, no clock, no randomness, no logging.
"""
