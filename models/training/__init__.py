"""Training of the embedded models: generator, tokenizer, network, loop, export, evaluation."""
