"""A playbook tried on history, with the functions of the plan."""
