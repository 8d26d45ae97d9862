"""The ways of callers through the menus, and a keypad to walk them."""
