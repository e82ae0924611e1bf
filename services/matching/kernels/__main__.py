"""`python -m services.matching.kernels`: compile all kernels now, so that no start has to."""

import sys

from services.matching.kernels import compiled

if not compiled.is_complete():
    from services.matching import warming  # reads all of the engine, which takes a while

    sys.stdout.write("compiling the matching kernels (once)\n")
    warming.warm()
