"""Ibis's compiler for Spark, with what the store's expressions need and Ibis 12 leaves out."""

from __future__ import annotations

from typing import Any, ClassVar

import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler


class SparkCompiler(PySparkCompiler):
    """Hashes of 64 bits, as DuckDB's, and microseconds of a moment."""

    __slots__ = ()
    SIMPLE_OPS: ClassVar[dict[type, str]] = {ops.Hash: "xxhash64", ops.BitXor: "bit_xor"}
    """Spark's `hash` has 32 bits, too few to tell a nation's variants apart."""

    def visit_ExtractMicrosecond(self, op: Any, *, arg: Any) -> Any:  # noqa: N802, ARG002 - Ibis names it
        """Microseconds inside the second, exact: the seconds come as a decimal."""
        second = self.f.anon.date_part(sge.convert("SECOND"), arg)
        return self.cast((second % 1) * 1_000_000, op.dtype)
