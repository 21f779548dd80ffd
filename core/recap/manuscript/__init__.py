"""What an author adds to a recap: order, own texts, photos."""
