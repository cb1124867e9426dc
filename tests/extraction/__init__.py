"""Page extraction: the corpus, its score, and the command that reads files."""
