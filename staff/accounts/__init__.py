"""Who works here: invitations, passwords, second factor, roles."""
