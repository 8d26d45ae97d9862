"""Published playbooks, drafts on their way there, and the jobs that follow."""
