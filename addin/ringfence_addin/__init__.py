"""Everything of Ringfence that a spreadsheet or a shell touches; the rules live in ``ringfence``."""
