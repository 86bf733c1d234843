"""Small glossaries."""

TERMS = """\
concept,lang,term,status,definition
c1,en,trade receivable,preferred,Money that customers owe us for what was delivered.
c1,en,debtor,forbidden,
c1,de,Forderung,preferred,
c2,en,net working capital,preferred,Current assets less current liabilities.
c2,en,working funds,deprecated,
c3,en,EBITDA,preferred,Earnings before interest and taxes and depreciation.
"""
