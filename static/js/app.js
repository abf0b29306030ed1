// The only hand-written script. Every link and form works without it. All words come from the page.
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  // Theme: the server renders data-theme from the cookie, so there is no flash on load.
  const setTheme = (theme) => {
    root.dataset.theme = theme;
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${secure}`;
  };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);

  document.addEventListener("click", (e) => {
    closeMenus(e.target.closest("details.menu"));
    const el = e.target.closest("[data-theme-toggle],[data-dialog],[data-close],[data-dismiss]");
    if (!el) return;
    if (el.matches("[data-theme-toggle]")) setTheme(isDark() ? "light" : "dark");
    else if (el.dataset.dialog) byId(el.dataset.dialog)?.showModal();
    else if (el.matches("[data-close]")) el.closest("dialog")?.close();
    else el.closest(".toast")?.remove();
  });

  // Menus (<details class="menu">) close on Escape and on a click outside.
  const closeMenus = (except) => document.querySelectorAll("details.menu[open]").forEach((m) => { if (m !== except) m.open = false; });
  document.addEventListener("keydown", (e) => {
    const menu = e.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // They open where there is room, and never under the bar at the bottom.
  document.addEventListener("toggle", (e) => {
    const list = e.target.matches("details.menu[open]") && e.target.querySelector(".menu-list");
    if (!list) return;
    const bar = document.querySelector(".nav"), { top, bottom } = e.target.getBoundingClientRect();
    const floor = bar && getComputedStyle(bar).position === "fixed" ? bar.getBoundingClientRect().top : innerHeight;
    e.target.dataset.opens = bottom + list.offsetHeight + 8 > floor && top > list.offsetHeight + 8 ? "up" : "down";
  }, true);

  // A menu that somebody opened stays open while its live region is refreshed.
  if (window.Idiomorph) Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, el) => !(["open", "data-opens"].includes(name) && el.matches("details"));

  // Toasts
  const say = (text, kind, undo) => {
    const box = byId("toasts");
    // A repeated failure is said once, and what was done last stands alone.
    for (const old of [...box.children]) if (old.dataset.kind !== "error" || old.firstChild.data === text) old.remove();
    const toast = document.createElement("div");
    toast.className = "toast"; toast.dataset.kind = kind || "info"; toast.textContent = text;
    const add = (words) => { const one = document.createElement("button"); one.type = "button"; one.dataset.dismiss = ""; one.textContent = words; toast.append(one); return one; };
    if (undo) add(box.dataset.sayUndo).addEventListener("click", () => htmx.ajax("POST", undo, { source: document.body, swap: "none" }));
    add(box.dataset.sayClose); box.append(toast); dock();
    const expire = () => (toast.matches(":hover,:focus-within") ? setTimeout(expire, 2000) : toast.remove());
    if (kind !== "error") setTimeout(expire, 8000);
  };
  // Where nothing that can be tapped lies beneath, seen from its usual place upwards.
  const dock = () => {
    const box = byId("toasts");
    box.style.inset = "";
    if (!box.firstChild) return;
    const own = [...box.children].map((one) => one.getBoundingClientRect());
    const left = Math.min(...own.map((r) => r.left)), right = Math.max(...own.map((r) => r.right));
    const { top, height } = box.getBoundingClientRect();
    const taken = [...document.querySelectorAll("a[href],button,summary,input,select,textarea,label")]
      .filter((el) => !box.contains(el)).map((el) => el.getBoundingClientRect())
      .filter((r) => r.width && r.right > left && r.left < right && r.bottom > 0 && r.top < innerHeight);
    for (let y = top; y >= 4; y -= 4) {
      if (taken.some((r) => r.bottom > y && r.top < y + height)) continue;
      if (y !== top) { box.style.top = `${y}px`; box.style.bottom = "auto"; }
      return;
    }
  };
  document.addEventListener("toasts-dock", dock);
  const isPoll = (el) => /\bevery /.test(el.getAttribute?.("hx-trigger")); // its failures show in the live badge alone
  document.addEventListener("toast", (e) => { if (!isPoll(e.target)) say(e.detail.value ?? e.detail.text, e.detail.kind, e.detail.undo); }); // HX-Trigger: {"toast": {...}}
  document.addEventListener("dialog-close", () => byId("dialog")?.close());

  // New content: open #dialog if it was filled, else focus [data-focus] inside it.
  // htmx:load fires on the NEW nodes (afterSwap reports the old, detached one after outerHTML).
  // Polled fragments must not contain data-focus.
  document.addEventListener("htmx:load", (e) => {
    const el = e.detail.elt;
    if (el === document.body) return;
    const dialog = el.closest("#dialog");
    if (dialog && !dialog.open) dialog.showModal();
    (el.matches("[data-focus]") ? el : el.querySelector("[data-focus]"))?.focus();
  });
  document.querySelector(".problem [data-focus]")?.focus(); // a form that came back as a whole page

  // Let 422 (form errors) and 409 (slot taken) bodies swap in; report everything else without losing the page.
  const revert = (el) => { if (el.matches("input[type=checkbox]")) el.checked = !el.checked; }; // undo an optimistic switch
  const shortId = (id) => { const tail = id.replaceAll("-", "").slice(-8).toUpperCase(); return `${tail.slice(0, 4)}-${tail.slice(4)}`; };
  // A refresh says which state of its part the page has: one that did not change comes back empty (304).
  const tags = new Map();
  document.addEventListener("htmx:configRequest", (e) => {
    const tag = e.detail.headers["X-Live"] && tags.get(e.detail.path);
    if (tag) e.detail.headers["If-None-Match"] = tag;
  });
  document.addEventListener("htmx:afterSwap", (e) => {
    const { requestConfig, xhr } = e.detail;
    if (!requestConfig?.headers["X-Live"]) tags.clear(); // an act changed what the page shows
    else if (xhr.getResponseHeader("ETag")) tags.set(requestConfig.path, xhr.getResponseHeader("ETag"));
  });
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (e.detail.xhr.status === 304) e.detail.shouldSwap = false;
    // Without a body (an error said by a toast) there is nothing to put in its place.
    if ([409, 422, 429].includes(e.detail.xhr.status) && e.detail.xhr.response) { e.detail.shouldSwap = true; e.detail.isError = false; }
  });
  document.addEventListener("htmx:responseError", (e) => {
    const { xhr, elt } = e.detail;
    revert(elt);
    if (xhr.status === 401 && xhr.getResponseHeader("HX-Trigger")?.includes("session-locked")) return; // the dialog is open
    // A lock that can no longer be opened: logged out beside, or as somebody else.
    const isOver = xhr.status === 401 || (xhr.status === 400 && elt.closest("#lock-dialog"));
    if (isOver) { location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search)); return; }
    if (isPoll(elt) && xhr.status >= 500) onLostRefresh();
    if (isPoll(elt) || xhr.getResponseHeader("HX-Trigger")?.includes('"toast"')) return;
    const id = xhr.getResponseHeader("X-Request-ID"), words = byId("toasts").dataset;
    say(words.sayFailed + (id ? ` ${words.sayError} ${shortId(id)}` : ""), "error");
  });
  const catchUp = () => document.body.dispatchEvent(new CustomEvent("appointment-changed"));
  let again = 0;
  const tryAgain = () => { clearTimeout(again); again = setTimeout(() => { if (failing) catchUp(); }, 3000); };
  const onLostRefresh = () => { failing = true; showFreshness(); tryAgain(); };
  document.addEventListener("htmx:timeout", (e) => { if (isPoll(e.detail.elt)) onLostRefresh(); });
  document.addEventListener("htmx:sendError", (e) => {
    revert(e.detail.elt);
    if (isPoll(e.detail.elt)) onLostRefresh();
    else say(byId("toasts").dataset.sayOffline, "error");
  });

  // Idle: the screen locks in place. What was typed stays behind the dialog, where nobody sees it.
  // The timer asks the server nothing; other pages of the same session say when somebody is there.
  const lockDialog = byId("lock-dialog");
  const others = lockDialog && window.BroadcastChannel ? new BroadcastChannel("presence") : null;
  let touched = Date.now(), told = 0;
  const isLocked = () => "locked" in root.dataset;
  const tell = (what) => others?.postMessage({ session: lockDialog.dataset.session, what });
  const lock = () => {
    if (!lockDialog || isLocked()) return;
    lockDialog.showModal(); // before all else is hidden: it remembers where the person was
    root.dataset.locked = "";
  };
  const unlock = () => {
    touched = Date.now();
    if (!isLocked()) return;
    delete root.dataset.locked;
    lockDialog.querySelector("form").reset();
    lockDialog.close();
    catchUp();
  };
  const touch = () => {
    if (isLocked()) return;
    touched = Date.now();
    if (touched - told > 10000) { told = touched; tell("here"); }
  };
  const lockIfIdle = () => { if (lockDialog && Date.now() - touched > lockDialog.dataset.idle * 1000) lock(); };
  if (lockDialog) {
    for (const name of ["keydown", "pointerdown", "pointermove", "wheel"]) addEventListener(name, touch, { passive: true, capture: true });
    lockDialog.addEventListener("cancel", (e) => e.preventDefault());
    lockDialog.addEventListener("close", () => { if (isLocked()) lockDialog.showModal(); });
    document.addEventListener("session-locked", lock);
    document.addEventListener("session-unlocked", () => { unlock(); tell("unlocked"); });
    others?.addEventListener("message", ({ data }) => {
      if (data.session !== lockDialog.dataset.session) return;
      if (data.what === "unlocked") unlock(); else if (!isLocked()) touched = Date.now();
    });
    setInterval(lockIfIdle, 1000);
    document.addEventListener("visibilitychange", lockIfIdle);
  }

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
          if (missed) for (const [name, hear] of [...listeners]) hear(new MessageEvent(name));
          missed = false;
        };
        source.onerror = (e) => {
          missed = true; // rings while it was away are lost
          if (source?.readyState === EventSource.CLOSED) streams.delete(stream); // the extension opens another
          stream.onerror?.(e);
        };
      },
    };
    streams.add(stream);
    if (!document.hidden) stream.resume();
    return stream;
  };
  document.addEventListener("visibilitychange", () => streams.forEach((s) => (document.hidden ? s.pause() : s.resume())));
  if (window.htmx) htmx.createEventSource = openStream;
  document.addEventListener("htmx:sseMessage", heard);
})();
