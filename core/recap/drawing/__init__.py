"""Charts, and the fonts that they and printed files are set in."""
