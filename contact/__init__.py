"""The contact-strategy service: who may be contacted, with what, where and when, and what came of it."""
