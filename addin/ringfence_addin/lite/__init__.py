"""What the scripts of xlwings Lite do with a workbook: ``ringfence_addin.scripts`` calls it."""
