"""The English sentences, by what they are about, marked for translation."""
