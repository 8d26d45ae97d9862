"""The service run and kept: processes, keys, people, records, backups."""
