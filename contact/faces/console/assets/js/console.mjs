// The console's script: htmx for swapped parts, and seven small habits of our own. Every page works without it.
import "htmx.org";
import { chartsOnSight } from "./figures.mjs";
import { listenForKeys } from "./keys.mjs";
import { keepFocus } from "./focus.mjs";
import { keepPromises } from "./network.mjs";
import { liveParts } from "./live.mjs";
import { runClocks } from "./clocks.mjs";
import { loadParts } from "./parts.mjs";

listenForKeys(document);
keepFocus(document);
keepPromises(document);
liveParts(document);
runClocks(document);
loadParts(document);
chartsOnSight(document);

// A console link's page only shows a button, so that previews do not use the link up; a person's browser presses it.
document.querySelector("form[data-send-now]")?.requestSubmit();
