"""The candidate's side of a sitting, from consent to finish."""
