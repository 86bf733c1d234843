"""Text in, clean records out: uploads, cleaning, glossaries and the rows made from them. No Django, no torch."""
