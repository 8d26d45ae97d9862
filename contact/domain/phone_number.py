"""How a phone number is written wherever one is named to us."""

from __future__ import annotations

E164 = r"\+[1-9][0-9]{6,14}"
"""A pattern of ITU-T E.164's international form: plus, country code without a zero in front, 7 to 15 digits in all."""
