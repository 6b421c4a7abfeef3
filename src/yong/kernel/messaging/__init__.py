"""Messages to people: told once in the transaction of their fact, kept in the inbox, handed to the channels they chose."""
