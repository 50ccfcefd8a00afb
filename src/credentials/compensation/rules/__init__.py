"""What pay decides from values alone, one module for each noun: no clock, no float, and money is whole cents."""
