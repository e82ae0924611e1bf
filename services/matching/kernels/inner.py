"""How kernels that only other kernels call are compiled: to be linked into these, and to nothing that runs by itself.

Left out are optimising them on their own and making machine code of it, most of the work of compiling: whoever calls
them is optimised as a whole. Says through `numba`'s `pipeline_class` what `numba` would do, less these two steps; it
reaches into its code libraries for that, so a newer `numba` may want this changed.
"""

import ctypes
from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

_CALLED = ctypes.cast(ctypes.pythonapi.PyErr_BadArgument, ctypes.c_void_p).value or 0
"""Stands where the machine code would: a call from Python ends in a TypeError."""


class _NoMachineCode:
    """A code generator that has no place to keep the environment of a function which never runs by itself."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def set_env(self, _name: str, _env: Any) -> None:
        """There is no code that would look for it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Library(JITCodeLibrary):
    @property
    def codegen(self) -> Any:
        return _NoMachineCode(self._codegen)

    def get_pointer_to_function(self, name: str) -> int:
        del name
        self._ensure_finalized()  # type: ignore[no-untyped-call]  # numba has no types
        return _CALLED

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()  # type: ignore[no-untyped-call]  # the same
        self._finalized = True


class Inner(Compiler):
    """Numba's own steps, into such a library."""

    def define_pipelines(self) -> Any:
        """The steps; called once a function, before them."""
        if self.state.library is None:
            name = self.state.func_id.func_qualname
            library: Any = _Library
            self.state.library = library(self.state.targetctx.codegen(), name)
        return super().define_pipelines()  # type: ignore[no-untyped-call]  # the same
