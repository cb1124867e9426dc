"""Builds model libraries: TVM's web runtime, compiled kernels, linked by Emscripten."""
