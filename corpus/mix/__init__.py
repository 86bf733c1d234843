"""Mixing the rows of datasets to a composition: how it is measured, what can be reached, and which rows are drawn."""
