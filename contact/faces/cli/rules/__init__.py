"""From a folder of rules to one in force: checked, told, tried, published; and whom rules reach."""
