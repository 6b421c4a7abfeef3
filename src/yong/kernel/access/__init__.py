"""Who may do what: parties, accounts, mandates, policies, scope, quotas and the audit chain."""
