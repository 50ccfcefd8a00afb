"""The bit that each credential owns in a published list: whether it is revoked or suspended."""
