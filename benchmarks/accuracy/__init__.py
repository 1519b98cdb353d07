"""Accuracy of each sense on labelled data, beside a plain baseline."""
