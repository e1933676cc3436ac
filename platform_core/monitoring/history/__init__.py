"""How many requests each version answered, how quickly, and which errors there were: minute by minute."""
