"""Pages: templates with the reader's words and formats, under one strict content policy."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contact.domain.answers import RefusalAnswer
from contact.faces.console.shared import labels
from contact.faces.console.shared.bundle import Bundle, read_bundle
from contact.faces.console.shared.formats import Formats
from contact.faces.console.shared.visits import Visit, form_token
from contact.faces.console.shared.words import LANGUAGES, OWN_NAMES, Words
from strategies.declared.playbook import Playbook
from strategies.problem_codes import CODES
from strategies.problems import Hint, Problem

_FIGURES = re.compile(r"(\d+) of (\d+)\b")
_INDENTATION = re.compile(r"\n[ \n]+")
TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True)
class Look:
    """How pages look to one visitor: words, formats, and the operator's own names for things."""

    formats: Formats
    playbook: Playbook | None = None

    def named(self, kind: str, code: str | None) -> str:
        """What a code is called: ``named('states', 'sent')``; an unknown code stays as it is."""
        if code is None:
            return "–"
        if kind == "results" and self.playbook is not None and code in self.playbook.operator.results:
            titles = self.playbook.operator.result_titles.get(code, {})
            return titles.get(self.formats.words.language) or next(iter(titles.values()), code)
        known: Mapping[str, str] = getattr(labels, kind.upper())
        return self.formats.words.gettext(known[code]) if code in known else code.replace("_", " ")

    def problem(self, code: str) -> str:
        """What a problem's code says, in one sentence of this language; empty in English, which the problem itself is in."""
        words = self.formats.words
        return words.gettext(CODES[code]) if words.language != "en" and code in CODES else ""

    def why_not(self, why: str) -> str:
        """Why a message was not handed over, in this language; what is no code of ours stays as it is."""
        between = self.formats.words.gettext(": ")
        return between.join(self._part_of_why(part) for part in why.split(": "))

    def _part_of_why(self, part: str) -> str:
        return self.formats.words.gettext(labels.WHY_NOT[part]) if part in labels.WHY_NOT else part

    def of_job(self, problem: Problem) -> str:
        """What made a job fail, in this language, where it is none of its input; else what the problem's code says."""
        if problem.code in labels.JOB_FAULTS:
            return self.named("job_faults", problem.code)
        return self.problem(problem.code)

    def hint(self, hint: Hint) -> str:
        """What to do about a problem, in this language."""
        said = self.formats.words.gettext(hint.template)
        return said % hint.values if hint.values else said

    def told(self, problem: Problem) -> str:
        """A problem in one line, as the command line says it, with its hint in this language."""
        return str(replace(problem, hint=Hint(self.hint(problem.hint))))

    def channel(self, code: str | None) -> str:
        """The operator's title of a channel, else ours."""
        if code is None:
            return ""
        language = self.formats.words.language
        channel = self.playbook.channels.get(code) if self.playbook is not None else None
        if channel is not None and language in channel.title:
            return channel.title[language]
        return self.formats.words.gettext(labels.CHANNELS[code][0]) if code in labels.CHANNELS else code

    def rule(self, rule: str) -> str:
        """A rule's title where the operator gave one in this language, else its id."""
        language = self.formats.words.language
        found = (
            next((each for each in self.playbook.rules if each.id == rule), None) if self.playbook else None
        )
        return found.title.get(language, rule) if found is not None else rule

    def is_rule(self, rule: str) -> bool:
        """Whether this is a rule of the playbook, not one of the names built in."""
        return self.playbook is not None and any(each.id == rule for each in self.playbook.rules)

    def reason(self, name: str) -> str:
        """What refuses, by name: a rule's title, or what the console calls a reason that is built in."""
        return self.rule(name) if self.is_rule(name) else self.named("built_in", name)

    def detail(self, refusal: RefusalAnswer) -> str:
        """The values compared; of a cap only the figures, since its words are the rule's title."""
        figures = _FIGURES.match(refusal.detail) if refusal.reason == "cap" else None
        return f"{figures[1]}/{figures[2]}" if figures is not None else refusal.detail

    def field(self, field: str) -> str:
        """A feature's title: the operator's of its field in this language, ours of a circumstance, else its name."""
        found = self.playbook.fields.get(field) if self.playbook is not None else None
        if found is not None:
            return found.title.get(self.formats.words.language, field)
        known = labels.CIRCUMSTANCES
        return self.formats.words.gettext(known[field]) if field in known else field

    def segment(self, segment: str) -> str:
        """A segment of a report, ``value_tier = C4``, with its field's title."""
        field, is_one, value = segment.partition(" = ")
        return f"{self.field(field)} = {value}" if is_one else segment

    def model(self, model: str) -> str:
        """A declared model's title in this language, else its id."""
        found = self.playbook.models.get(model) if self.playbook is not None else None
        return found.title.get(self.formats.words.language, model) if found is not None else model

    def strategy(self, strategy: str | None) -> str:
        """A strategy's title in this language, else its id."""
        found = self.playbook.strategy(strategy) if self.playbook is not None and strategy else None
        return found.title.get(self.formats.words.language, found.id) if found is not None else strategy or ""


def look_for(words: Words, playbook: Playbook | None) -> Look:
    """The look in this language of the operator whose playbook is in force."""
    if playbook is None:
        return Look(Formats(words))
    operator = playbook.operator
    return Look(Formats(words, operator.currency, operator.minor_per_major, operator.zone), playbook)


def render(template: str, words: Words, view: Mapping[str, Any]) -> str:
    """A template in one language; a name the view lacks is an error, never an empty place."""
    return _environment().get_template(template).render(
        gettext=words.gettext, _=words.gettext, ngettext=words.ngettext, language=words.language, **view
    )  # fmt: skip


def answer(
    visit: Visit, look: Look, template: str, view: Mapping[str, Any], *, status: int = 200
) -> web.Response:  # fmt: skip
    """A whole page, or only its main part where the script asked for it."""
    nonce = secrets.token_urlsafe(12)
    text = render(template, visit.words, {**page_view(visit, look, read_bundle()), **view, "nonce": nonce})
    return html(text, nonce, status=status)


def page_view(visit: Visit, look: Look, bundle: Bundle) -> dict[str, Any]:
    """What every page's frame needs."""
    return {
        "look": look,
        "formats": look.formats,
        "bundle": bundle,
        "theme": visit.theme,
        "keys": visit.keys,
        "partial": visit.partial,
        "path": visit.request.path,
        "key": visit.key,
        "languages": [(code, OWN_NAMES[code]) for code in LANGUAGES],
        "form_token": form_token(visit.secret),
        "fresh_key": fresh_key,
        "labels": labels,
        "simulated": False,
        "now": None,
    }


def html(text: str, nonce: str, *, status: int = 200) -> web.Response:
    """HTML under the console's content policy, never kept by a cache, compressed on the way."""
    response = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
    response.headers.update(policy(nonce))
    response.enable_compression()
    return response


def policy(nonce: str) -> dict[str, str]:
    """Headers of every page: only our own files, nothing inline, no frame, no cache, no referrer."""
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Cookie, HX-Request",
    }


def tag_of(text: str) -> str:
    """An entity tag of a page's changing part."""
    return f'"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"'


def fresh_key() -> str:
    """An idempotency key for one form as shown; sending that form again is the same act."""
    return secrets.token_urlsafe(16)


class _Unindented(FileSystemLoader):
    """Templates without the indentation that people read them by: it would be sent with every card."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        text, path, fresh = super().get_source(environment, template)
        return _INDENTATION.sub("\n", text), path, fresh


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=_Unindented(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=False)  # type: ignore[attr-defined]
    for name in ("gettext", "ngettext", "_"):
        environment.globals.pop(name, None)
    return environment
