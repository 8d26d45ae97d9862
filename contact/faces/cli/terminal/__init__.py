"""What every command stands on: the store joined, options, tables, complaints in a line."""
