"""What an educator hands in: submissions in parts, with their artifacts, frozen when they are submitted."""
