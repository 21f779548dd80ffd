"""The campaign core: offices, campaigns, figures. Knows no HTTP and no plugin by name."""
