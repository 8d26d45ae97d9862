"""Every promise under fire: one module a promise, each judged by what the code under test cannot touch."""
