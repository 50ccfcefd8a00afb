"""Licences: applications to an office, its decisions, and the licence as a signed credential."""
