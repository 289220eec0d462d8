"""Figures fetched from the venues themselves, through ccxt: the optional extra ``[market]``.

Only the shell's ``tiers update`` and ``positions`` import it: formulas, reports and workbooks never
touch the network.
"""
