"""The invigilator's side: lists, live view, incidents, reviews, messages."""
