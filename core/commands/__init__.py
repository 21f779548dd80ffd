"""The command line's commands that need no HTTP: data, people, the installation."""
