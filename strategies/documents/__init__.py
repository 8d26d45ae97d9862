"""Readers of the files of ``config/``: what is wrong is collected, and reading goes on."""
