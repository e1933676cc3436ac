"""What people say the answers should have been, and the data that models learn from next."""
