"""The demonstration world, built through the same services that people use."""
