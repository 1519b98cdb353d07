"""Who sits: identity photographs and identity documents of sittings, and the staff's view of both."""
