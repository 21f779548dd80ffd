"""The parts of a recap that core writes itself."""
