"""Everything that a spreadsheet or a shell touches; the rules live in ``ringfence``."""
