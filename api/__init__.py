"""The HTTP surface: JSON under /api/v1, pages elsewhere."""
