"""What can be wrong within a text itself: one module a rule, each with `check(passage)`."""
