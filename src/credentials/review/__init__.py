"""What assessors decide: completeness, scores by rubric level with feedback, and the decision that follows."""
