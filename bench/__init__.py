"""How fast it is: each case beside what the bare driver or library needs for the same work."""
