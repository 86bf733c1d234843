"""WebSockets: replay from the rows, then live."""
