"""How often different people look alike to the face encoders, as a function of similarity."""
