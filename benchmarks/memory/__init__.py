"""How much memory a sitting takes, and whether it stays."""
