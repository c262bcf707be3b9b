// Keeps the page up to date by server-sent events. Without it, the page is a table of the moment at which it was loaded.
"use strict";
{
  const AGAIN = 5000; // milliseconds until another try, where the browser gives up
  const page = document.getElementById("upstreams-page");
  const live = document.getElementById("up-live");
  const news = document.getElementById("up-news");
  const refresh = document.getElementById("up-refresh");
  let source = null;
  let timer = 0;

  function row(texts) {
    const line = document.createElement("tr");
    texts.forEach((text, index) => {
      const cell = document.createElement(index ? "td" : "th");
      if (!index) cell.scope = "row";
      cell.textContent = text;
      line.append(cell);
    });
    return line;
  }

  function show(id, value) {
    const element = document.getElementById(id);
    if (!element) return; // of an upstream that is newer than the page
    if (typeof value === "string") {
      element.setAttribute("d", value);
    } else if (Array.isArray(value)) {
      const [text, state] = value;
      if (element.dataset.alias && element.textContent !== text) {
        news.textContent = `${element.dataset.alias}: ${text}`;
      }
      element.textContent = text;
      element.dataset.state = state;
    } else {
      element.replaceChildren(...value.rows.map(row));
    }
  }

  function say(text, isLive) {
    if (live.textContent !== text) live.textContent = text;
    refresh.hidden = isLive;
  }

  function open() {
    close();
    source = new EventSource(page.dataset.events);
    source.onopen = () => say(page.dataset.live, true);
    source.onmessage = (event) => {
      for (const [id, value] of Object.entries(JSON.parse(event.data))) show(id, value);
    };
    source.onerror = () => {
      say(page.dataset.lost, false);
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN);
    };
  }

  function close() {
    clearTimeout(timer);
    if (source) source.close();
    source = null;
  }

  // A page that nobody sees asks for nothing.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", () => document.hidden || open());
}
