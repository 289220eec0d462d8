"""The spreadsheets that can hold the formulas, one or a few modules each."""
