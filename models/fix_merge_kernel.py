"""Adds the barrier that a compiled model library's attention merge kernel lacks, in place.

TVM 0.27.0.post1 compiles `merge_state_inplace` so that the threads of one (row, head) each read
S[row, head] and then overwrite it, with nothing in between. Where a subgroup is narrower than
head_size / 4 threads (software WebGPU: 4 lanes), a late thread reads the new value, and every
prompt fed on top of a filled KV cache gets wrong log-probabilities. The shader is text inside the
library; the barrier takes the place of dashes in its heading, so no length changes.

    python models/fix_merge_kernel.py LIBRARY.wasm
"""

from __future__ import annotations

import sys
from pathlib import Path

KERNEL = b"tir_attention_merge_state_kernel"
HEADING = b"//----------------------------------------\n// Function: " + KERNEL
WRITE = b"\n  S_ptr[((v__1 * podArgs.H) + i32(threadIdx.y))] = "
BARRIER = b"\n  storageBarrier();"


def with_barrier(library: bytes) -> bytes:
    """The library with the barrier; itself when the barrier is there or the kernel is another.

    Raises ValueError when the kernel is the racing one but not in the expected form.
    """
    start = library.find(HEADING)
    if start < 0:
        return library
    end = library.index(b"\x00", start)
    shader = library[start:end]
    if WRITE not in shader or BARRIER + WRITE in shader:
        return library
    if shader.count(WRITE) != 1:
        raise ValueError("the merge kernel writes S more than once")
    shorter = b"//" + HEADING[2 : HEADING.index(b"\n") - len(BARRIER)] + HEADING[42:]
    fixed = shorter + shader[len(HEADING) :].replace(WRITE, BARRIER + WRITE)
    if len(fixed) != len(shader):
        raise ValueError("the shader's length would change")
    return library[:start] + fixed + library[end:]


def main() -> None:
    """Fix the library named on the command line."""
    path = Path(sys.argv[1])
    before = path.read_bytes()
    after = with_barrier(before)
    path.write_bytes(after)
    print(f"{path}: {'barrier added' if after != before else 'nothing to do'}")


if __name__ == "__main__":
    main()
