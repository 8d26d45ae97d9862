"""People who are one, people who are forgotten, records whose time is over."""
