"""A model's report: the verdict first, then why."""
