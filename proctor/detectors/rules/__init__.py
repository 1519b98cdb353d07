"""The rules themselves; one file a rule, and none knows another."""
