"""Whom and what we believe: our own keys and DID documents, and the issuers that are recognised."""
