"""The place where a shift begins: a code that changes, and volunteers who check themselves in."""
