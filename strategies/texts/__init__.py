"""YAML as it was typed: every value knows where it stands and how it was written."""
