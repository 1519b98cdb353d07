"""How long after something happens in the picture an invigilator's page shows it."""
