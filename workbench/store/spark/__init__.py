"""The store's read side on a Spark cluster: Parquet files prepared by the same Ibis expressions, asked the same way."""
