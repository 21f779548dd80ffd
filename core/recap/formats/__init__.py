"""One renderer a format, all from one document."""
