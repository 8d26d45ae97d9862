"""From texts to a playbook in force: checked, drafted, told in words, published, rolled back."""
