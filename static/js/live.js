// Pages that refresh themselves, and the counts of what waits. Loaded after app.js, where streams are.
(() => {
  const byId = (id) => document.getElementById(id);
  const isPoll = (el) => el.id === "bell" || /\bevery /.test(el.getAttribute?.("hx-trigger"));

  // The extension takes every swap but its own for an inline one: a part would land inside its like.
  const STYLES = { morph: "outerHTML", "morph:outerHTML": "outerHTML", "morph:innerHTML": "innerHTML" };
  if (window.Idiomorph) htmx.defineExtension("morph", {
    isInlineSwap: (style) => STYLES[style] === "outerHTML",
    handleSwap: (style, target, part) => (STYLES[style] ? Idiomorph.morph(target, part.children, { morphStyle: STYLES[style] }) : false),
  });

  // A refresh says which state of its part the page has: one that did not change comes back empty (304).
  const tags = new Map();
  document.addEventListener("htmx:configRequest", (e) => {
    const tag = e.detail.headers["X-Live"] && tags.get(e.detail.path);
    if (tag) e.detail.headers["If-None-Match"] = tag;
  });
  document.addEventListener("htmx:afterSwap", (e) => {
    if (!e.detail.requestConfig?.headers["X-Live"]) tags.clear(); // an act changed what the page shows
  });
  document.addEventListener("htmx:beforeSwap", (e) => { if (e.detail.xhr.status === 304) e.detail.shouldSwap = false; });
  document.addEventListener("htmx:afterOnLoad", (e) => {
    const { requestConfig, xhr } = e.detail, tag = xhr.getResponseHeader("ETag");
    if (requestConfig.headers["X-Live"] && tag) tags.set(requestConfig.path, tag);
  });

  const catchUp = () => document.body.dispatchEvent(new CustomEvent("appointment-changed"));
  let again = 0;
  const tryAgain = () => { clearTimeout(again); again = setTimeout(() => { if (failing) catchUp(); }, 3000); };
  const onLostRefresh = () => { failing = true; showFreshness(); tryAgain(); };
  document.addEventListener("htmx:timeout", (e) => { if (isPoll(e.detail.elt)) onLostRefresh(); });
  document.addEventListener("htmx:sendError", (e) => { if (isPoll(e.detail.elt)) onLostRefresh(); });
  document.addEventListener("htmx:responseError", (e) => { if (isPoll(e.detail.elt) && e.detail.xhr.status >= 500) onLostRefresh(); });

  // Live badge: an open stream is fresh; without one, an answer is for 45 s.
  const streams = new Set();
  let last = Date.now(), failing = false;
  const heard = () => { last = Date.now(); failing = false; showFreshness(); };
  const freshness = () => {
    if (!navigator.onLine) return "danger";
    if (!failing && [...streams].some((s) => s.readyState === EventSource.OPEN)) return "ok";
    return failing || Date.now() - last > 45000 ? "warning" : "ok";
  };
  const showFreshness = () => document.querySelectorAll(".live").forEach((el) => {
    const now = freshness();
    if (el.dataset.status !== now) { el.dataset.status = now; el.textContent = el.dataset[now]; }
  });
  document.addEventListener("htmx:afterOnLoad", (e) => { if (!document.querySelector("[sse-connect]") && e.detail.xhr.status < 500) heard(); else failing = false; });
  ["online", "offline"].forEach((name) => addEventListener(name, showFreshness));
  // A stream over a line that was gone may look open and be dead: another one, and what was missed.
  addEventListener("online", () => {
    document.querySelectorAll("[sse-connect]").forEach((el) => htmx.trigger(el, "htmx:abort"));
    streams.forEach((s) => { s.pause(); if (!document.hidden) s.resume(); });
    catchUp();
    tryAgain();
  });
  setInterval(showFreshness, 5000);

  // A hidden tab gives its stream back (a browser allows six per site over HTTP/1.1) and catches up when
  // it is shown again. To htmx-ext-sse this looks like one EventSource; rings carry no data, so that
  // ringing every listener once is the same as fetching what was missed.
  const openStream = (url) => {
    const listeners = [];
    let source = null, closed = false, missed = true; // something may have rung since the page was made
    const stream = {
      onopen: null, onerror: null,
      get readyState() { return closed ? EventSource.CLOSED : source ? source.readyState : EventSource.CONNECTING; },
      addEventListener(name, hear) { listeners.push([name, hear]); source?.addEventListener(name, hear); },
      removeEventListener(name, hear) {
        const at = listeners.findIndex(([n, h]) => n === name && h === hear);
        if (at >= 0) listeners.splice(at, 1);
        source?.removeEventListener(name, hear);
      },
      close() { closed = true; source?.close(); streams.delete(stream); },
      pause() { source?.close(); source = null; missed = true; },
      resume() {
        if (source || closed) return;
        source = new EventSource(url);
        for (const [name, hear] of listeners) source.addEventListener(name, hear);
        source.onopen = (e) => {
          heard();
          stream.onopen?.(e);
          const own = listeners.filter(([name]) => name !== "waiting"); // their answers bring the counts
          if (missed) for (const [name, hear] of own.length ? own : [...listeners]) hear(new MessageEvent(name));
          missed = false;
        };
        source.onerror = (e) => {
          missed = true; // rings while it was away are lost
          if (source?.readyState === EventSource.CLOSED) streams.delete(stream); // the extension opens another
          stream.onerror?.(e);
        };
      },
    };
    stream.addEventListener("waiting", askCounts);
    streams.add(stream);
    if (!document.hidden) stream.resume();
    return stream;
  };
  document.addEventListener("visibilitychange", () => streams.forEach((s) => (document.hidden ? s.pause() : s.resume())));
  if (window.htmx) htmx.createEventSource = openStream;
  document.addEventListener("htmx:sseMessage", heard);

  // The counts of what waits, on every page at work. A page with a stream hears of them there. Of the
  // others in sight one in each browser listens and tells its neighbours; without a stream they ask each minute.
  const bell = byId("bell"), beside = bell && window.BroadcastChannel ? new BroadcastChannel("waiting") : null;
  function askCounts() { if (!document.hidden) document.body.dispatchEvent(new CustomEvent("waiting")); }
  let leave = null;
  const listen = () => {
    if (document.hidden || leave || !window.htmx) return;
    const wanted = new AbortController();
    leave = () => { leave = null; wanted.abort(); };
    const hold = () => new Promise((free) => {
      if (wanted.signal.aborted) return free();
      const stream = openStream(bell.dataset.stream);
      for (const word of ["waiting", "board"]) stream.addEventListener(word, () => { beside?.postMessage(""); if (word === "board") askCounts(); });
      wanted.signal.addEventListener("abort", () => { stream.close(); free(); });
    });
    if (navigator.locks) navigator.locks.request("bell", { signal: wanted.signal }, hold).catch(() => {});
    else hold();
  };
  if (bell && !document.querySelector("[sse-connect]")) {
    beside?.addEventListener("message", askCounts);
    document.addEventListener("visibilitychange", () => { if (document.hidden) leave?.(); else { listen(); askCounts(); } });
    setInterval(askCounts, 60000);
    listen();
  }
})();
