"""The server: wires the core to the web, the database and WebRTC."""
