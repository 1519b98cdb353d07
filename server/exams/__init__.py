"""Exams, their questions and policies."""
