/* Clicks in figures that choose organisations. The address holds what is chosen. */
(function () {
  const MOST = 4;
  const go = (query) => window.dash_clientside.set_props("shell-url", { search: "?" + query.toString() });

  /* A cell of the matrix chooses its two organisations, a dot of the ranking adds or takes away its own. */
  function pick(matrix, ranking, search, figure) {
    const none = window.dash_clientside.no_update;
    const from = window.dash_clientside.callback_context.triggered.map((item) => item.prop_id).join();
    const points = ((from.includes("matrix") ? matrix : ranking) || {}).points;
    if (!points) return [none, none];
    /* A cell comes without its own facts: they are found by its row and column. */
    const cell = from.includes("matrix") ? figure.data[0].customdata[points[0].y] : null;
    const facts = cell ? cell[points[0].x] : points[0].customdata;
    if (!facts) return [none, none];
    const codes = from.includes("matrix") ? facts.slice(2, 4) : facts.slice(-1);
    const query = new URLSearchParams(search || "");
    let picked = (query.get("pick") || "").split(",").filter(Boolean);
    if (codes.length === 2 && codes[0] !== codes[1]) picked = codes;
    else if (picked.includes(codes[0])) picked = picked.filter((code) => code !== codes[0]);
    else picked = [...picked, codes[0]].slice(-MOST);
    if (picked.length) query.set("pick", picked.join(","));
    else query.delete("pick");
    go(query);
    return [null, null];
  }

  /* An area of the user's own map keeps its province; a second click lets it go. */
  function province(click, search) {
    const at = click && click.points && click.points[0];
    if (!at) return window.dash_clientside.no_update;
    const facts = at.customdata || (at.data && at.data.customdata) || (at.fullData && at.fullData.customdata);
    const code = Array.isArray(facts) ? facts[0] : facts;
    if (!code) return window.dash_clientside.no_update;
    const query = new URLSearchParams(search || ""), had = query.getAll("provinces_2025");
    query.delete("provinces_2025");
    if (!(had.length === 1 && had[0] === code)) query.append("provinces_2025", code);
    go(query);
    return null;
  }
  /* A step of the model lists the deviations there; a second click lists all again. */
  function step(node, search) {
    if (!node || !node.full) return window.dash_clientside.no_update;
    const query = new URLSearchParams(search || "");
    if (query.get("at") === node.full) query.delete("at");
    else query.set("at", node.full);
    go(query);
    return null;
  }
  /* A dot of the front picks its candidate; a second click lets it go. */
  function candidate(click, search) {
    const at = click && click.points && click.points[0], name = at && at.customdata && at.customdata[at.customdata.length - 1];
    if (!name) return window.dash_clientside.no_update;
    const query = new URLSearchParams(search || "");
    if (query.get("candidate") === name) query.delete("candidate");
    else query.set("candidate", name);
    go(query);
    return null;
  }

  /* Keys of buttons (data-wb-key) while the list beside them has the focus and no cell is being written in. */
  document.addEventListener("keydown", (event) => {
    const list = event.target.closest && event.target.closest("#harmonise-grid");
    if (!list || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), textarea")) return;
    const button = document.querySelector('[data-wb-key="' + event.key.toLowerCase() + '"]');
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
    goOnIn(event.target);
  });

  /* The list is drawn anew after a verdict, sometimes more than once: the focus goes on in its first row until all is
     still, unless the person went elsewhere. */
  const LOOK = 200, STILL = 10, SETTLED = 25, PATIENCE = 400;
  function goOnIn(left) {
    let given = null, still = 0, looks = 0;
    (function look() {
      const active = document.activeElement;
      if (active && active !== document.body && active !== left && active !== given) return;
      still = left.isConnected || document.querySelector("[id*=job-bar], .wb-skeleton, .wb-busy") ? 0 : still + 1;
      const first = still ? document.querySelector('#harmonise-grid .ag-row[row-index="0"] .ag-cell') : null;
      /* No list comes back when nothing is left to review: then there is only the last verdict to take back. */
      const target = first || (still > STILL ? document.querySelector('[data-wb-key="z"]:not(:disabled)') : null);
      if (target && active !== target) {
        target.focus();
        given = target;
        still = 1;
      }
      if (looks++ < PATIENCE && !(given && still > SETTLED)) setTimeout(look, LOOK);
    })();
  }
  /* The wheel stays with the page; the drawing library warns of any sensitivity that is set, even of its own. */
  delete (((window.dash_cytoscape || {}).Cytoscape || {}).defaultProps || {}).wheelSensitivity;
  window.dash_clientside = Object.assign({}, window.dash_clientside, { pages: { pick, province, step, candidate } });
})();
