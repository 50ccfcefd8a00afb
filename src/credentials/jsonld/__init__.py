"""From a credential to canonical N-Quads: strict JSON, pinned contexts, safe mode always, RDFC-1.0. Pure, and fast."""
