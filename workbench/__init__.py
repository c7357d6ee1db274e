"""The procedure-simplification and process-mining workbench: `import workbench as wb; log = wb.open("…")`."""

__version__ = "0.1.0"
