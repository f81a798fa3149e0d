"""File transfers as applications hold them."""
