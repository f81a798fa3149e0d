"""SIP transactions: four machines, the rules that match messages to them, and the layer that holds them."""
