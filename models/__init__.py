"""Model files: manifest, installation, verification."""
