"""Near-duplicates of many short texts: MinHash signatures, banded into candidates, verified by their exact Jaccard.

Sources: Broder, "On the resemblance and containment of documents", 1997 (min-wise hashing); Lee et al., "Deduplicating
Training Data Makes Language Models Better", ACL 2022 (what near-duplicates do to a model); Penedo et al., "The FineWeb
Datasets", NeurIPS 2024 (112 hashes in 14 bands of 8 on word 5-grams; here more bands, since what they find is verified).
"""
