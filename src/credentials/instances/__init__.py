"""Issuer instances: any credential of the data model in, the same one sealed by the instance's key out."""
