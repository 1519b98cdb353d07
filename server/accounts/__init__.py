"""Accounts, log-ins and who may do what."""
