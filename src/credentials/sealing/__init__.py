"""Any document, linted, rehearsed, recorded, signed and judged: the one gate to our keys."""
