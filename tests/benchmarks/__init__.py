"""Benchmarks: one module an area, each with `rows(options)`; `./adm benchmark` runs them."""
