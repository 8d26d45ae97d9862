"""JSON Schema of the files of ``config/``, for editors."""
