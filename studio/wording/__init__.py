"""What went wrong, said in the reader's language; the API and what is stored stay English."""
