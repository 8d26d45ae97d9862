"""The closed list of problem codes: every problem that the language reports carries one of these."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    # the text itself
    "yaml.syntax": "The text is not well-formed YAML.",
    "yaml.empty": "The file has no content.",
    "yaml.documents": "The file holds more than one document.",
    "yaml.tab": "The file contains a tab character.",
    "yaml.character": "A character cannot stand in YAML, or would break lines unseen.",
    "yaml.anchor": "An anchor, alias or merge key is used.",
    "yaml.tag": "A tag or directive is used.",
    "yaml.duplicate_key": "A key stands twice in the same mapping.",
    "yaml.key": "A key is not plain text.",
    "yaml.depth": "The structure is nested too deeply.",
    "yaml.too_long": "The file is too long.",
    "yaml.number": "A number is written in a form that readers disagree about.",
    "yaml.word": "An unquoted word could mean a truth value or a text.",
    "yaml.no_value": "A key has no value.",
    # files
    "file.missing": "A file that every playbook needs is not there.",
    "file.unknown": "Nothing reads this file.",
    # shape of documents
    "key.unknown": "No such key is known here.",
    "key.missing": "A key that is needed here is not there.",
    "key.conflict": "Two keys exclude each other, or one needs another.",
    "value.type": "The value is of the wrong kind.",
    "value.choice": "The value is not one of the words allowed here.",
    "value.range": "The number is outside its range.",
    "value.percent": "A percentage is not written with at most two decimals between 0 and 100.",
    "value.money": "An amount has more decimals than its currency, or is too large.",
    "value.duration": "A duration is not written as ISO 8601 in weeks, days, hours, minutes or seconds.",
    "value.time": "A time of day is not written as HH:MM.",
    "value.date": "A date is not written as YYYY-MM-DD or does not exist.",
    "value.zone": "No such time zone is known.",
    "value.quantity": "A quantity of a counter has more than three decimals.",
    "value.currency": "No such currency is known.",
    "value.language": "No such language is declared, or its code is malformed.",
    "value.name": "A name has characters that names may not have, or is too long.",
    "value.reserved": "The name is taken by the language itself.",
    "value.duplicate": "The same name is declared twice.",
    "value.order": "A beginning does not lie before its end, or two ranges overlap.",
    "value.empty": "A list or text that needs content has none.",
    "unit.parent": "A unit does not hang below a unit of a higher kind.",
    # references
    "reference.unknown": "The name refers to nothing that is declared.",
    "placeholder.unknown": "A text has a placeholder that no field fills.",
    "placeholder.brace": "A text has a brace that opens or closes no placeholder.",
    # rules
    "rule.max_zero": "A cap of zero is a prohibition.",
    "rule.key": "The key means nothing for this effect.",
    "rule.layer": "The key is not lawful in this layer.",
    "channel.text": "A channel that sends text has none in a strategy.",
    "strategy.no_channel": "An offer has no channel.",
    # tariffs
    "tariff.unpriced": "A base tariff has no price for a counter.",
    "tariff.tiers": "Tiers leave a quantity without a price.",
    "tariff.no_field": "An offer needs the worth of the best tariff, and no field holds it.",
    # models
    "model.leak": "A feature would tell a model what it is to foretell.",
    "model.derived": "A feature is a score or an advice.",
    "model.label": "The field of a label is not declared as one that says how it ended.",
    # said only when a model is trained or read, or tariffs are matched
    "model.one_class": "The label has one value only.",
    "model.too_few_rows": "There are too few rows to learn from.",
    "model.field_missing": "The generation has no column for a feature or label.",
    "model.unreadable": "A model's file cannot be read.",
    "tariff.too_many_plans": "A base and its add-ons can be combined in too many ways.",
    # conditions
    "condition.too_long": "The condition is longer than 4,000 characters.",
    "condition.depth": "The condition is nested too deeply.",
    "condition.folded": "The condition is written as a folded scalar.",
    "condition.character": "A character has no meaning in conditions.",
    "condition.comment": "The condition contains a comment.",
    "condition.parameter": "The condition contains a parameter.",
    "condition.quoted_name": "The condition contains a quoted name.",
    "condition.syntax": "The condition is not well-formed.",
    "condition.number": "A number is written in a form that conditions do not know.",
    "condition.not_available": "The construct is not part of conditions.",
    "condition.field": "No such field is declared.",
    "condition.type": "Unlike things are compared, or a thing is not true or false.",
    "condition.null": "NULL is compared.",
    "condition.constant": "The condition compares constants only.",
    # examples
    "example.failed": "An example or golden case does not come out as its file says.",
    # warnings
    "warning.nullable": "A restricting rule reads a field that may be unknown, and then restricts.",
    "warning.never_open": "The hours of a rule never open.",
    "warning.never_matches": "The rule matches nothing that is declared.",
    "warning.night": "An opening past midnight leaves the morning of its first day closed.",
    "warning.capacity": "An outgoing channel that strategies use has no capacity.",
    "warning.language": "A text is missing in a language of the operator.",
    "warning.consent_default": "No policy says what holds without a record of consent.",
}
"""Code → what it says, in one sentence; ``warning.*`` never stop a publication."""
