// Loaded by every page. Every link and form works without it. All words come from the page.
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
    else { el.closest(".toast")?.remove(); keepFocus(); }
  });

  // A country narrows the zones to its own; the only one is chosen.
  document.addEventListener("change", (e) => {
    const zone = e.target.name === "country" && e.target.form?.elements.timezone;
    if (!zone?.options) return;
    const isOwn = (o) => o.dataset.of === e.target.value, all = [...zone.options], own = all.filter(isOwn);
    for (const o of all) o.hidden = o.disabled = own.length > 0 && o.value !== "" && !isOwn(o);
    for (const group of zone.querySelectorAll("optgroup")) group.hidden = [...group.children].every((o) => o.hidden);
    if (own.length && !isOwn(all[zone.selectedIndex])) zone.value = own.length > 1 ? "" : own[0].value;
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

  // Where the keyboard is. What takes away the thing that had it (an answer, a dialog or toast that closes) gives
  // it to the next sensible place: its like, its menu, its row, the page. It is never on <body> for that.
  const isShown = (el) => el.isConnected && el.getClientRects().length > 0;
  const CONTROLS = "a[href],button,summary,input:not([type=hidden]),select,textarea";
  let trail = []; // from what had the focus outwards
  document.addEventListener("focusin", ({ target }) => {
    if (target.closest("dialog,#toasts")) return;
    trail = [target];
    for (let el = target.parentElement; el; el = el.parentElement) if (el.matches("details.menu,li,tr,form")) trail.push(el);
  });
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    if (!relatedTarget) setTimeout(() => { if (document.activeElement === document.body && isShown(target)) trail = []; }); // a click beside
  });
  const keepFocus = () => {
    const at = document.activeElement;
    if (!trail.length || (at !== document.body && isShown(at))) return;
    for (const step of trail) {
      const el = step.isConnected ? step : byId(step.id || "none");
      const to = el && (step === trail[0] ? [el] : [...el.querySelectorAll(CONTROLS)]).find(isShown);
      to?.focus({ preventScroll: true });
      if (to && document.activeElement === to) return;
    }
    byId("main")?.focus({ preventScroll: true });
  };
  for (const name of ["htmx:afterSettle", "focus-keep"]) document.addEventListener(name, keepFocus);
  document.addEventListener("close", keepFocus, true); // of dialogs; it does not bubble

  // Toasts
  const say = (text, kind, undo) => {
    const box = byId("toasts");
    // A repeated failure is said once, and what was done last stands alone.
    for (const old of [...box.children]) if (old.dataset.kind !== "error" || old.firstChild.data === text) old.remove();
    const toast = document.createElement("div");
    toast.className = "toast"; toast.dataset.kind = kind || "info"; toast.textContent = text;
    const add = (words) => { const one = document.createElement("button"); one.type = "button"; one.dataset.dismiss = ""; one.textContent = words; toast.append(one); return one; };
    if (undo) add(box.dataset.sayUndo).addEventListener("click", () => htmx.ajax("POST", undo, { source: document.body, swap: "none" }));
    add(box.dataset.sayClose); box.append(toast); dock(); keepFocus();
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
  const isPoll = (el) => el.id === "bell" || /\bevery /.test(el.getAttribute?.("hx-trigger")); // its failures show in the live badge alone
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
  document.addEventListener("htmx:beforeSwap", (e) => {
    // Without a body (an error said by a toast) there is nothing to put in its place.
    if ([409, 422, 429].includes(e.detail.xhr.status) && e.detail.xhr.response) { e.detail.shouldSwap = true; e.detail.isError = false; }
  });
  document.addEventListener("htmx:responseError", (e) => {
    const { xhr, elt } = e.detail;
    revert(elt);
    if (xhr.status === 401 && xhr.getResponseHeader("HX-Trigger")?.includes("session-locked")) return; // the dialog is open
    if (elt.id === "bell") return; // its page may hold what somebody types
    // A lock that can no longer be opened: logged out beside, or as somebody else.
    const isOver = xhr.status === 401 || (xhr.status === 400 && elt.closest("#lock-dialog"));
    if (isOver) { location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search)); return; }
    if (isPoll(elt) || xhr.getResponseHeader("HX-Trigger")?.includes('"toast"')) return;
    const id = xhr.getResponseHeader("X-Request-ID"), words = byId("toasts").dataset;
    say(words.sayFailed + (id ? ` ${words.sayError} ${shortId(id)}` : ""), "error");
  });
  document.addEventListener("htmx:sendError", (e) => {
    revert(e.detail.elt);
    if (!isPoll(e.detail.elt)) say(byId("toasts").dataset.sayOffline, "error");
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
    document.body.dispatchEvent(new CustomEvent("appointment-changed")); // what was missed
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

  // Free times are one stop of the Tab key, and arrows lead from time to time. Without this they are plain links.
  const timesOf = (grid) => [...grid.querySelectorAll("a.slot,button.slot")];
  const rove = (grid, to) => { for (const one of timesOf(grid)) one.tabIndex = one === to ? 0 : -1; };
  const makeOneStop = () => {
    for (const grid of document.querySelectorAll(".slot-grid")) {
      const times = timesOf(grid);
      if (times.length && !times.some((one) => one.tabIndex === 0 && one.hasAttribute("tabindex"))) rove(grid, times.find((one) => one.matches("[aria-current]")) ?? times[0]);
    }
  };
  const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  // The nearest one in that direction as they stand on the screen; at an edge the next in their order.
  const beside = (times, from, [dx, dy]) => {
    const at = from.getBoundingClientRect();
    const far = (one) => {
      const { left, top } = one.getBoundingClientRect(), x = left - at.left, y = top - at.top;
      const ahead = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
      return ahead > 1 && aside < at.height ? ahead + 4 * aside : Infinity;
    };
    const nearest = times.reduce((best, one) => (far(one) < far(best) ? one : best), from);
    return nearest === from ? times[times.indexOf(from) + dx + dy] : nearest;
  };
  document.addEventListener("keydown", (e) => {
    const from = e.target.closest?.("a.slot,button.slot"), grid = from?.closest(".slot-grid");
    if (!grid || e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return;
    const times = timesOf(grid);
    const to = e.key === "Home" ? times[0] : e.key === "End" ? times.at(-1) : WAYS[e.key] && beside(times, from, WAYS[e.key]);
    if (!to) return;
    e.preventDefault();
    to.focus();
  });
  document.addEventListener("focusin", (e) => { const grid = e.target.matches(".slot") && e.target.closest(".slot-grid"); if (grid) rove(grid, e.target); });
  document.addEventListener("htmx:load", makeOneStop);
  makeOneStop();
})();
