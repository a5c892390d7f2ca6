"""The library's money: charges, an append-only ledger of entries, receipts and the closing of the till."""
