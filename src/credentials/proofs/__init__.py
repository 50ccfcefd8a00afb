"""Add a proof, check a proof: bytes and keys in, bytes or a refusal out. Pure."""
