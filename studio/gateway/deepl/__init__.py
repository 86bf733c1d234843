"""/v2 and /v3 as DeepL's clients call them: glossaries as dictionaries, languages, usage, and translation by a deployed model."""
