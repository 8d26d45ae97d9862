"""Voice menus: called, learnt from, replayed."""
