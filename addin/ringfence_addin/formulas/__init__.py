"""The RF_ formulas by what they are about; ``functions`` puts them together for the hosts."""
