"""Model definitions and kernels. Needs TVM, so it runs in the pipeline's own environment."""
