"""Around every request: admission, limits, decoding, problems, meters."""
