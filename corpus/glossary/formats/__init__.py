"""Glossary files in and out, one format a file; `read` and `write` know which is which."""
