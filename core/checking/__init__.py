"""Whether what the database holds is whole: files, trees, figures, sealed names, the log."""
