"""What can be earned: competency frameworks, micro-credentials with their rubrics, and the gates before publication."""
