"""What models and tariffs read of everybody, and where their findings and they themselves are kept."""
