"""The routes of selections: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.domain import selection_answers, workbench_answers
from contact.faces.http.bodies import bodies
from contact.faces.http.bodies import selection as bodies_selection
from contact.faces.http.edge.row import Once, Reach, Route
from contact.faces.http.routes import selections

SELECTING = frozenset({"strategist", "analyst", "admin"})
SAVING = frozenset({"strategist", "admin"})
LISTING = frozenset({"strategist", "analyst", "admin"})
LIST_BYTES = 64 << 20

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/selections", SELECTING, selections.post_selection, "Count customers after each exclusion",
          selection_answers.SelectionAnswer, "selections", bodies_selection.SelectionBody, statuses=(404, 422),
          reach=Reach.UNIT),
    Route("GET", "/v1/fields", SELECTING, selections.get_fields, "Fields that conditions read",
          selection_answers.FieldsAnswer, "selections", query=bodies.LanguageQuery, statuses=(404,),
          reach=Reach.NOBODY),
    Route("GET", "/v1/fields/{field}/spread", SELECTING, selections.get_spread, "How a field is spread",
          selection_answers.SpreadAnswer, "selections", query=bodies.LanguageQuery, statuses=(404,)),
    Route("GET", "/v1/segments", SELECTING, selections.get_segments, "Saved segments with their sizes",
          selection_answers.SegmentsAnswer, "selections", query=bodies.LanguageQuery, statuses=(404,),
          reach=Reach.UNIT),
    Route("POST", "/v1/drafts/{draft}/segments", SAVING, selections.post_segment, "Keep a selection as a segment",
          workbench_answers.DraftAnswer, "selections", bodies_selection.SegmentBody, statuses=(404, 409, 422),
          once=Once.ALWAYS),
    Route("POST", "/v1/clusters", SELECTING, selections.post_clusters, "Cluster customers",
          selection_answers.ClustersAnswer, "selections", bodies_selection.ClustersBody, statuses=(404, 422),
          reach=Reach.UNIT),
    Route("GET", "/v1/lists", LISTING, selections.get_lists, "Imported lists", selection_answers.ListsAnswer, "selections"),
    Route("POST", "/v1/lists", LISTING, selections.post_list, "Import a list", selection_answers.ListAnswer, "selections",
          bodies_selection.ListForm, form=True, statuses=(409, 422), once=Once.ALWAYS, limit_bytes=LIST_BYTES),
    Route("POST", "/v1/lists/{list}/remove", LISTING, selections.post_remove_list, "Forget a list",
          selection_answers.ListsAnswer, "selections", statuses=(404, 409), once=Once.ALWAYS),
)
# fmt: on
