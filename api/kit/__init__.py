"""What handlers are built of, those of plugins too. See docs/http.md."""
