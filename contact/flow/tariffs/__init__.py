"""Every line under every tariff, and what to say of it."""
