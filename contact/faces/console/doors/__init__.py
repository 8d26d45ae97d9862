"""The way in, what is there, how the service is, and what may be taken out."""
