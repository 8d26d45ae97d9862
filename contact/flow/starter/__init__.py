"""The files a playbook begins with, and a first strategy that fits whatever is there already."""
