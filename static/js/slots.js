// Free times are one stop of the Tab key, and arrows lead from time to time. Without this they are plain links.
(() => {
  const timesOf = (grid) => [...grid.querySelectorAll("a.slot,button.slot")];
  const rove = (grid, to) => { for (const one of timesOf(grid)) one.tabIndex = one === to ? 0 : -1; };
  const prepare = () => {
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
  document.addEventListener("htmx:load", prepare);
  prepare();
})();
