"""What a playbook declares, as values: fields, conditions, rules, tariffs, models, menus."""
