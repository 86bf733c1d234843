"""Which language a text is in: `identify` names it where it can, `shares` says how much of a row is Chinese, English or neither."""
