"""The routes of calls: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.domain import call_answers
from contact.faces.http.bodies import calls as bodies_calls
from contact.faces.http.edge.row import Reach, Route
from contact.faces.http.routes import calls, voicexml
from ivr.voicexml import MEDIA_TYPE

ANSWERING = frozenset({"ivr", "admin"})
TAKING_OVER = frozenset({"agent", "supervisor", "account_manager", "admin"})

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/ivr/calls", ANSWERING, calls.post_call, "A call is picked up", call_answers.CallAnswer, "ivr",
          bodies_calls.CallBody, statuses=(404, 409, 422, 429), reach=Reach.UNIT, storeless=True),
    Route("POST", "/v1/ivr/calls/{call}/keys", ANSWERING, calls.post_key, "A key was pressed, or none in time",
          call_answers.CallAnswer, "ivr", bodies_calls.KeyBody, statuses=(404, 409, 422), reach=Reach.UNIT, urgent=True,
          storeless=True),
    Route("POST", "/v1/ivr/calls/{call}/end", ANSWERING, calls.post_end, "The caller hung up",
          call_answers.CallAnswer, "ivr", bodies_calls.CallEndBody, statuses=(404, 409, 422), reach=Reach.UNIT, urgent=True,
          storeless=True),

    Route("GET", "/v1/ivr/voicexml", ANSWERING, voicexml.get_entry, "Where a VoiceXML browser begins", None, "ivr",
          query=voicexml.EntryQuery, statuses=(404,), refuses_in_media=(404,), media=MEDIA_TYPE,
          reach=Reach.NOBODY, urgent=True, storeless=True),
    Route("POST", "/v1/ivr/voicexml/calls", ANSWERING, voicexml.post_call, "A call is picked up, in VoiceXML", None, "ivr",
          voicexml.BrowserCallForm, urlencoded=True, statuses=(404, 409, 422, 429), refuses_in_media=(404,),
          media=MEDIA_TYPE, reach=Reach.UNIT, storeless=True),
    Route("POST", "/v1/ivr/voicexml/calls/{call}/keys", ANSWERING, voicexml.post_key,
          "A key was pressed, or none in time, in VoiceXML", None, "ivr", voicexml.BrowserKeyForm, urlencoded=True,
          statuses=(404, 409, 422), media=MEDIA_TYPE, reach=Reach.UNIT, urgent=True, storeless=True),
    Route("POST", "/v1/ivr/voicexml/calls/{call}/end", ANSWERING, voicexml.post_end, "The caller hung up, in VoiceXML",
          None, "ivr", voicexml.BrowserEndForm, urlencoded=True, statuses=(404, 409, 422), media=MEDIA_TYPE,
          reach=Reach.UNIT, urgent=True, storeless=True),
    Route("GET", "/v1/ivr/screen-pops", TAKING_OVER, calls.get_screen_pop, "A caller who is put through",
          call_answers.ScreenPopAnswer, "ivr", query=bodies_calls.ScreenPopQuery, statuses=(404, 422, 429),
          reach=Reach.UNIT),
)
# fmt: on
