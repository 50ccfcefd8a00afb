"""What has been awarded to whom, and its state."""
