"""Stars: how they are given, who has earned them, and their way from a list to a 公示 to a star."""
