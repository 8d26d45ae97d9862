"""Every field of everybody as columns, kept in memory for selections."""
