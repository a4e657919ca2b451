// The page's script, served as /page.js: listens for events and puts in the newer <main>. A string, so that the built
// program needs no file beside it. The page is complete without it.

export const PAGE_JS = `"use strict";
(() => {
  const POLL_MS = 15000;
  const live = document.getElementById("live");
  let loading = false;
  let again = false;
  let poll = null;

  function localTimes(root) {
    for (const element of root.querySelectorAll("time")) {
      const at = new Date(element.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      element.title = at.toISOString();
      const today = at.toDateString() === new Date().toDateString();
      element.textContent = today ? at.toLocaleTimeString() : at.toLocaleString();
    }
  }

  // What the reader has opened, scrolled and focused stays so.
  function put(main) {
    const old = document.querySelector("main");
    const focused = document.activeElement && document.activeElement.closest("details");
    for (const details of old.querySelectorAll("details[open]")) {
      const same = main.querySelector("#" + CSS.escape(details.id));
      if (same) same.open = true;
    }
    const scroll = [...old.querySelectorAll("details")].map((one) => {
      const box = one.querySelector("pre, ol");
      return [one.id, box ? box.scrollTop : 0, box ? box.scrollLeft : 0];
    });
    localTimes(main);
    old.replaceWith(main);
    for (const [id, top, left] of scroll) {
      const box = document.querySelector("#" + CSS.escape(id) + " :is(pre, ol)");
      if (box) box.scrollTo(left, top);
    }
    if (focused) {
      const summary = document.querySelector("#" + CSS.escape(focused.id) + " summary");
      if (summary) summary.focus({ preventScroll: true });
    }
  }

  async function refresh() {
    if (loading) { again = true; return; }
    loading = true;
    try {
      const answer = await fetch("/", { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error("status " + answer.status);
      const text = await answer.text();
      // Parsed apart from this page: no script in it runs, no resource is loaded.
      const main = new DOMParser().parseFromString(text, "text/html").querySelector("main");
      if (main) put(document.adoptNode(main));
      say(poll === null ? "Live" : "Looks again every " + POLL_MS / 1000 + " s");
    } catch {
      say("The agent does not answer; what you see is from before");
    } finally {
      loading = false;
      if (again) { again = false; refresh(); }
    }
  }

  function say(text) {
    if (live.textContent !== text) live.textContent = text;
  }

  function progress(line) {
    for (const element of document.querySelectorAll(".progress")) {
      if (element.dataset.project !== line.project) continue;
      element.hidden = false;
      element.querySelector("progress").value = line.fraction;
      const of = line.step.of === null ? "" : " of " + line.step.of;
      element.querySelector("span").textContent = "step " + line.step.n + of + ", " + line.message + megabytes(line.pull);
    }
  }

  function megabytes(pull) {
    if (!pull || pull.totalBytes <= 0) return "";
    const mb = (bytes) => (bytes / 1e6).toFixed(1);
    return " (" + mb(pull.bytes) + " of " + mb(pull.totalBytes) + " MB)";
  }

  function listen() {
    const events = new EventSource("/api/v1/events");
    events.addEventListener("open", refresh);
    events.addEventListener("changed", refresh);
    events.addEventListener("progress", (event) => progress(JSON.parse(event.data)));
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) {
        poll ??= setInterval(refresh, POLL_MS);
        say("Looks again every " + POLL_MS / 1000 + " s");
      } else {
        say("Connection lost, trying again; what you see is from before");
      }
    });
  }

  localTimes(document);
  listen();
})();
`;
