// Calm on the board: no row and no button slides under a thumb. Loaded after app.js, on boards alone.
(() => {
  const CALM = 10000; // ms that a finished row stays where it was, since the last touch
  const DEAD = 1500; // ms in which a second tap on the same row or place does nothing
  const byId = (id) => document.getElementById(id);
  const kept = new Map(); // id of a row that is over or gone -> when it may fold
  let act = null; // the last step taken here: {row, x, y, at, height}
  let lastTap = 0, before = new Map(); // rows in sight before a refresh -> were they over?
  const rows = () => document.querySelectorAll("#board .timeline > li[id]");
  const isShown = (el) => el.getClientRects().length > 0;
  const controlOf = (row) => [".btn-primary", "summary", ".row .btn"].map((one) => row?.querySelector(one)).find((one) => one && isShown(one));
  const focusAgain = () => {
    const at = document.activeElement, row = act && byId(act.row);
    // A tap beside a button leaves the focus on what is around the row: on <main>, or nowhere.
    if (row && (at.contains(row) || !isShown(at))) controlOf(row)?.focus({ preventScroll: true });
  };
  const isNear = (e) => Math.hypot(e.clientX - act.x, e.clientY - act.y) < 48;

  document.addEventListener("pointerdown", (e) => { if (e.target.closest("#board")) lastTap = Date.now(); }, true);
  document.addEventListener("click", (e) => {
    if (!e.target.closest("#board")) return;
    const control = e.target.closest("a, button, summary");
    const row = e.target.closest(".timeline > li");
    if (act && Date.now() - act.at < DEAD && ((row && row.id === act.row) || (e.detail && isNear(e)))) {
      e.preventDefault();
      e.stopImmediatePropagation();
      focusAgain(); // the tap took the focus away
      return;
    }
    if (!row || !control || !control.matches("[hx-post], [hx-get]")) return;
    lastTap = Date.now();
    if (control.matches("[hx-post]")) act = { row: row.id, x: e.clientX, y: e.clientY, at: lastTap, height: row.getBoundingClientRect().height };
    const menu = control.closest("details.menu");
    if (menu) { menu.open = false; menu.querySelector("summary").focus({ preventScroll: true }); } // a dialog gives the focus back to it
  }, true);

  // What a person has chosen in the form, and how fresh the page is, are not the server's to say.
  document.addEventListener("input", (e) => { const form = e.target.closest("#board form"); if (form) form.dataset.typed = ""; });
  const callbacks = window.Idiomorph?.defaults.callbacks ?? {};
  callbacks.beforeNodeMorphed = (old) => !(old.nodeType === 1 && old.matches(".live, [data-typed]"));
  callbacks.beforeNodeRemoved = (node) => {
    if (node.nodeType !== 1 || !node.matches(".timeline > li[id^=appt]") || !before.has(node.id)) return true;
    if (kept.has(node.id) && kept.get(node.id) < Date.now() && Date.now() - lastTap > CALM) return true;
    if (!kept.has(node.id)) kept.set(node.id, Date.now() + CALM);
    node.dataset.gone = ""; // it left the list, not yet its place
    node.inert = true;
    return false;
  };

  // The row under the thumb, else the first in sight, stays where it is on the screen.
  const anchorOf = () => {
    const acted = act && Date.now() - act.at < CALM && byId(act.row);
    if (acted && isShown(acted)) return acted;
    return scrollY > 0 ? [...rows()].find((row) => isShown(row) && row.getBoundingClientRect().bottom > 0) : null;
  };
  const steadily = (change) => {
    const anchor = anchorOf(), top = anchor?.getBoundingClientRect().top;
    change();
    return () => { if (anchor?.isConnected && isShown(anchor)) scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" }); };
  };
  let settle = null;
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (e.detail.target?.id !== "board") return;
    before = new Map([...rows()].filter(isShown).map((row) => [row.id, row.matches(".finished")]));
    settle = steadily(() => {});
  });
  const mark = () => {
    const now = Date.now();
    for (const row of rows()) {
      if (row.matches(".finished") && before.get(row.id) === false && !kept.has(row.id)) kept.set(row.id, now + CALM);
      row.classList.toggle("kept", kept.has(row.id));
      const isActed = act?.row === row.id && now - act.at < CALM;
      row.style.minHeight = isActed ? `${act.height}px` : "";
      row.toggleAttribute("data-dead", isActed && now - act.at < DEAD);
    }
  };
  document.addEventListener("htmx:afterSwap", (e) => {
    if (!settle || !byId("board")) return;
    mark();
    settle();
    settle = null;
    before = new Map();
    focusAgain();
    document.dispatchEvent(new CustomEvent("toasts-dock"));
  });
  setInterval(() => {
    const now = Date.now();
    if (act && now - act.at > DEAD) byId(act.row)?.removeAttribute("data-dead");
    if (now - lastTap < CALM) return;
    const over = [...kept].filter(([, until]) => until <= now).map(([id]) => byId(id)).filter(Boolean);
    if (!over.length && !(act && byId(act.row)?.style.minHeight)) return;
    const focused = over.find((row) => row.contains(document.activeElement));
    steadily(() => {
      if (act && byId(act.row)) byId(act.row).style.minHeight = "";
      act = null;
      for (const row of over) {
        kept.delete(row.id);
        row.classList.remove("kept");
        if ("gone" in row.dataset) row.remove();
      }
      if (focused && !isShown(focused)) controlOf([...rows()].find((row) => isShown(row) && controlOf(row)))?.focus({ preventScroll: true });
    })();
    document.dispatchEvent(new CustomEvent("focus-keep"));
  }, 500);

  // A day begins where it is, not at its morning.
  const now = byId("now");
  const isFresh = performance.getEntriesByType("navigation")[0]?.type === "navigate" && !location.hash && scrollY === 0;
  if (now && isFresh && now.getBoundingClientRect().bottom > innerHeight - 80) now.scrollIntoView({ block: "center", behavior: "instant" });
})();
