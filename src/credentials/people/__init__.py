"""Educators, organisations, roles and sign-in: who somebody is and what they may do where."""
