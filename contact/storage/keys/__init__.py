"""Secrets: hashes of numbers, sealed names, signed addresses."""
