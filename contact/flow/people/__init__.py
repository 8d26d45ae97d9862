"""Personal data: whose may be seen, exported, merged, forgotten."""
