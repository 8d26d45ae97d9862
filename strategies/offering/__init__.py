"""From a profile to candidates in order of priority, each with its verdict, its place and its explanation."""
