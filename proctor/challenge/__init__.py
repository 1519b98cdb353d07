"""The active challenge: tasks drawn at random, judged by what was measured while they ran."""
