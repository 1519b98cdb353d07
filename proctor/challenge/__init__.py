"""What the face does when asked: tasks drawn at random and judged, dots by which the own screen is measured."""
