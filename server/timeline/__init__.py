"""The timeline's store: one writer, group commit, durable before acknowledged."""
