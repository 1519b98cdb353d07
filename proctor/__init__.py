"""The domain: what proctoring means, free of web, database and network."""
