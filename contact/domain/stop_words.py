"""The words by which people say that they want no more messages, in the languages and countries where they are usual."""

from __future__ import annotations

import unicodedata

ALONE: dict[str, tuple[str, ...]] = {
    "en": (
        "stop",
        "stop all",
        "unsubscribe",
        "opt out",
        "optout",
        "remove me",
        "quit",
        "end",
        "cancel",
        "revoke",
    ),
    "zh": ("退订", "退訂", "td", "t", "r", "拒收", "取消订阅", "取消訂閱", "停止", "不要再发", "不要再發"),
    "de": ("stopp", "abmelden", "abbestellen", "austragen"),
    "fr": ("arret", "arrêt", "arrêter", "désabonner", "désinscrire", "desabonner"),
    "es": ("baja", "alto", "darme de baja", "desuscribir", "cancelar"),
    "pt": ("sair", "parar", "descadastrar", "remover"),
    "it": ("cancella", "disiscrivi", "basta", "annulla"),
    "nl": ("afmelden", "uit", "stoppen"),
    "pl": ("rezygnuję", "rezygnuje", "wypisz"),
    "ru": ("стоп", "отписаться", "отписка", "отказ"),
    "uk": ("відписатися", "відмова"),
    "tr": ("ret", "iptal", "dur"),
    "ar": ("توقف", "إيقاف", "ايقاف", "إلغاء", "الغاء"),
    "he": ("הסר", "הפסק"),
    "hi": ("रोकें", "बंद"),
    "ja": ("配信停止", "解除", "ストップ"),
    "ko": ("수신거부", "중지", "거부"),
    "vi": ("tc", "hủy", "huy", "từ chối", "tu choi"),
    "th": ("ยกเลิก", "หยุด"),
    "id": ("berhenti", "batal"),
}
"""Language → words that withdraw when they are the whole message. TD, T, R and TC are what carriers there ask for."""
LEADING = ("stop", "stopall", "unsubscribe", "td", "退订", "退訂", "стоп", "stopp", "수신거부")
"""Words that withdraw also where a short code or a few words follow, as in ``TD 10086`` and ``stop please``."""
MOST_WORDS_AFTER = 2


def is_stop(text: str) -> bool:
    """Whether a message is a stop word, whatever its width, case, accents of composition, blanks and punctuation.

    A sentence that merely holds one is not: ``please do not stop`` is an ordinary reply.
    """
    words = _words(text)
    if not words:
        return False
    if "".join(words) in _ALONE:
        return True
    first, after = words[0], words[1:]
    return first in _LEADING and len(after) <= MOST_WORDS_AFTER


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign if _belongs(sign) else " " for sign in plain).split()


def _belongs(sign: str) -> bool:
    """Letters, digits and the marks that complete letters of Indian and other scripts."""
    return sign.isalnum() or unicodedata.category(sign).startswith("M")


def _folded(word: str) -> str:
    return "".join(_words(word))


_ALONE = frozenset(_folded(word) for words in ALONE.values() for word in words)
_LEADING = frozenset(_folded(word) for word in LEADING)
