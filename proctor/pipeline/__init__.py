"""The line itself: inputs to incidents, with bounded channels."""
