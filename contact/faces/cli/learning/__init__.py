"""Models and tariffs: trained, kept in force, asked."""
