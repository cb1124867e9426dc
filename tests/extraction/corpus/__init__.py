"""Pages with hand-checked truth: which text is the page, which must never be read."""
