"""The life of a recap: handed in, reviewed, final, printed, verified."""
