"""A telephone as a second camera: invited by the candidate with a QR code, without a log-in of its own."""
