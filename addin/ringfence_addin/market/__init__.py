"""Figures fetched from the venues themselves, through ccxt: the optional extra ``[market]``.

Nothing else imports this package: formulas, reports and workbooks never touch the network.
"""
