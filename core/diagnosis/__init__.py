"""What ``doctor`` looks at: the machine, the settings, the database and what waits in it."""
