"""Figures for Prometheus: of the rows at the time of the scrape, and of this process since it began."""
