"""Making a recap into files, outside the request."""
