"""What the administrator of the machine may do by hand."""
