"""What more than one service needs; imports no service."""
