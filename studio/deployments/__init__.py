"""Model servers run as jobs."""
