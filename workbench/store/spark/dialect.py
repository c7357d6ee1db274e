"""Ibis's compiler for Spark, with what the store's expressions need and Ibis 12 leaves out."""

from __future__ import annotations

from typing import Any, ClassVar

import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler


class SparkCompiler(PySparkCompiler):
    """Hashes of 64 bits, as DuckDB's, and the seconds and microseconds of a moment."""

    __slots__ = ()
    SIMPLE_OPS: ClassVar[dict[type, str]] = {ops.Hash: "xxhash64", ops.BitXor: "bit_xor"}
    """Spark's `hash` has 32 bits, too few to tell a nation's variants apart."""

    def visit_ExtractMicrosecond(self, op: Any, *, arg: Any) -> Any:  # noqa: N802 - Ibis names it
        """Microseconds inside the second, exact: the seconds come as a decimal."""
        second = self.f.anon.date_part(sge.convert("SECOND"), arg)
        return self.cast((second % 1) * 1_000_000, op.dtype)

    def visit_ExtractSecond(self, op: Any, *, arg: Any) -> Any:  # noqa: N802 - Ibis names it
        """Whole seconds: Spark's EXTRACT gives a decimal with the fraction."""
        return self.f.anon.second(arg)

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:  # noqa: N802 - Ibis names it
        """Floating numbers as doubles: Spark reads 0.5 as a decimal."""
        found = super().visit_NonNullLiteral(op, value=value, dtype=dtype)
        if not dtype.is_floating():
            return found
        return self.cast(sge.convert(value) if found is None else found, dtype)
