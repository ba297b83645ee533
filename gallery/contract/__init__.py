"""What may be said: events, receipts, errors and commands of the notify contract. No database in here."""
