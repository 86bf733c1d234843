"""What is different between two versions: rows added, removed, changed and moved, and the words that changed in them."""
