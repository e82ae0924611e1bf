"""`python -m services.matching.kernels`: compile all kernels now, so that no start has to wait for it.

With `--check` nothing is compiled: the exit code is 1 when something is left to compile, else 0. With `--gently` it is
done by a single process that gives way to all others.
"""

import os
import sys

from services.matching.kernels import code_cache

if "--check" in sys.argv[1:]:
    sys.exit(not code_cache.is_complete())
if not code_cache.is_complete():
    from services.matching.engine import warm_up  # reads all of the engine, which takes a while

    gently = "--gently" in sys.argv[1:]
    if gently:
        os.nice(19)
    sys.stdout.write("compiling the matching kernels (once)\n")
    warm_up.compile_kernels(in_one_process=gently)
