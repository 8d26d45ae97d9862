"""Ground floor: what callers hear. Holds nothing until the menus of the IVR issue come."""
