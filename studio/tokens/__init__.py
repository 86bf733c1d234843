"""Rows as a base model's tokens: the X-ray of one row, and the totals of a dataset."""
