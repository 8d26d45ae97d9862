"""From texts to a playbook, or to all of their problems at once."""
