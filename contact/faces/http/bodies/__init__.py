"""What callers send: strict structs."""
