/* Address <-> controls. Every control that belongs to a view is kept in the query part of the address. */
window.wb = (function () {
  const none = () => window.dash_clientside.no_update;
  const fallback = (spec) => (window.wbDefaults || {})[spec.param] || spec.default;

  function read(params, spec) {
    if (spec.kind === "many") return params.getAll(spec.param);
    if (spec.kind === "months") {
      const start = params.get("start"), end = params.get("end");
      return start || end ? [start || null, end ? end.slice(0, 8) + "01" : null] : [null, null];
    }
    const value = params.get(spec.param);
    if (spec.kind === "auto" && value === null) return undefined;
    if (spec.kind === "list") return value ? value.split(",") : [];
    if (value === null) return fallback(spec) === undefined ? null : fallback(spec);
    const wrong = spec.choices.length && !spec.choices.includes(value);
    if (wrong || (spec.kind === "number" && Number.isNaN(Number(value)))) return fallback(spec) === undefined ? null : fallback(spec);
    return spec.kind === "number" || spec.kind === "auto" ? Number(value) : value;
  }

  function lastDay(day) {
    const [year, month] = day.split("-").map(Number);
    const date = new Date(Date.UTC(year, month, 0));
    return date.toISOString().slice(0, 10);
  }

  function write(params, spec, value) {
    if (spec.kind === "months") {
      params.delete("start");
      params.delete("end");
      const pair = value || [null, null];
      if (pair[0]) params.set("start", pair[0].slice(0, 8) + "01");
      if (pair[1]) params.set("end", lastDay(pair[1]));
      return;
    }
    params.delete(spec.param);
    if (value === null || value === undefined || value === "") return;
    if (spec.kind === "list") {
      if (value.length) params.set(spec.param, value.join(","));
    } else if (spec.kind === "many") {
      value.forEach((item) => params.append(spec.param, item));
    } else if (String(value) !== String(fallback(spec))) {
      params.set(spec.param, value);
    }
  }

  const same = (a, b) => JSON.stringify(a === undefined ? null : a) === JSON.stringify(b === undefined ? null : b);
  const unfinished = (spec, value) => spec.kind === "months" && value && Boolean(value[0]) !== Boolean(value[1]);

  /* One callback both ways: the address wins unless a control was touched. Returns the values of the controls. */
  function sync(specs, urlId, search, values) {
    const triggered = window.dash_clientside.callback_context.triggered.map((item) => item.prop_id);
    const touched = triggered.length > 0 && !triggered.some((id) => id.startsWith(urlId + "."));
    const params = new URLSearchParams(search || "");
    if (touched) {
      if (specs.some((spec, place) => unfinished(spec, values[place]))) return values.map(none);
      specs.forEach((spec, place) => write(params, spec, values[place]));
      const text = params.toString();
      const next = text ? "?" + text : "";
      const now = new URLSearchParams(search || "").toString();
      if (text !== now) window.dash_clientside.set_props(urlId, { search: next });
      return values.map(none);
    }
    return specs.map((spec, place) => {
      const value = read(params, spec);
      return value === undefined || same(value, values[place]) ? none() : value;
    });
  }

  /* The part of the query that goes along from page to page. */
  const SHARED = ["procedure", "provinces", "provinces_2025", "agencies", "levels", "units", "channels",
    "service_levels", "applicant_types", "variants_of_procedure", "outcomes", "steps", "start", "end", "closed",
    "lang", "clock", "by", "names"];
  function carried(search) {
    const from = new URLSearchParams(search || ""), to = new URLSearchParams();
    SHARED.forEach((name) => from.getAll(name).forEach((value) => to.append(name, value)));
    const text = to.toString();
    return text ? "?" + text : "";
  }

  function nav(pathname, search, ids) {
    const query = carried(search);
    return [ids.map((id) => id.path + query), ids.map((id) => id.path === pathname)];
  }

  function theme(clicks, kept) {
    const toggled = window.dash_clientside.callback_context.triggered.some((item) => item.prop_id.includes("toggle"));
    let value = kept || document.documentElement.dataset.wbTheme || "light";
    if (toggled && clicks.some(Boolean)) value = value === "dark" ? "light" : "dark";
    document.documentElement.dataset.wbTheme = value;
    document.documentElement.dataset.mantineColorScheme = value;
    document.body.dataset.agThemeMode = value;
    return [value === kept ? none() : value, value];
  }

  function title(pathname, search, titles) {
    const lang = new URLSearchParams(search || "").get("lang");
    if (lang) document.documentElement.lang = lang;
    document.title = (titles || {})[pathname] || "Workbench";
    return none();
  }

  /* Zoom buttons of drawings; the wheel stays with the page. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-wb-zoom]");
    if (!button) return;
    const canvas = button.closest(".wb-canvas-frame").querySelector(".__________cytoscape_container");
    const cy = canvas && canvas._cyreg && canvas._cyreg.cy;
    if (!cy) return;
    if (button.dataset.wbZoom === "fit") return (cy.wbWhole || cy.fit).call(cy, undefined, 24);
    const factor = button.dataset.wbZoom === "in" ? 1.25 : 0.8;
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  });

  /* A drawing starts no smaller than its words can be read: then its first box is in view and the rest is dragged to. */
  const READABLE = 0.7, STILL_READABLE = 0.6;
  function readable(cy) {
    const all = cy.elements().boundingBox();
    /* On a desk a little smaller is better than a box cut at the side. */
    const broad = window.innerWidth > 820 ? (cy.width() - 16) / (all.w || 1) : 0;
    const least = Math.min(broad >= STILL_READABLE ? broad : READABLE, READABLE, cy.maxZoom());
    if (!all.w || cy.zoom() >= least) return;
    const first = cy.nodes().min((node) => node.position("y")).ele.position();
    cy.zoom(least);
    const wide = all.w * least > cy.width() - 15;
    /* What is seen at first stands around the middle, with the first box in view and no empty side. */
    const seen = cy.nodes().filter((node) => node.position("y") - first.y < cy.height() / least);
    const across = seen.map((node) => node.position("x")).sort((a, b) => a - b);
    const around = across[Math.floor(across.length / 2)], room = cy.width() / 2 - 40;
    const middle = cy.width() / 2 - Math.max(first.x * least - room, Math.min(first.x * least + room, around * least));
    const left = 16 - all.x1 * least, right = cy.width() - 16 - all.x2 * least;
    cy.pan({
      x: wide ? Math.min(left, Math.max(right, middle)) : (cy.width() - (all.x1 + all.x2) * least) / 2,
      y: 16 - all.y1 * least,
    });
  }
  function clipped(cy) {
    const frame = cy.container() && cy.container().closest(".wb-canvas-frame");
    if (!frame) return;
    const all = cy.elements().renderedBoundingBox();
    frame.toggleAttribute("data-wb-clipped", all.x1 < -4 || all.y1 < -4 || all.x2 > cy.width() + 4 || all.y2 > cy.height() + 4);
  }
  function startReadable(cy) {
    if (cy.wbWhole) return;
    cy.wbWhole = cy.fit;
    cy.fit = function (...given) {
      cy.wbWhole(...given);
      readable(cy);
      return cy;
    };
    /* The first layout is done before the drawing is announced here, or a moment after. */
    let begun = false;
    const begin = () => { if (!begun && !cy.destroyed() && cy.elements().length) { begun = true; readable(cy); } };
    cy.on("layoutstop", begin);
    setTimeout(begin, 0);
    let waiting = null;
    cy.on("viewport resize layoutstop", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { if (!cy.destroyed()) clipped(cy); }, 120);
    });
  }

  /* Of components with this mark Dash goes through every path of the page at every change of anything; what stands in
     ours is drawn by itself when it changes. */
  for (const name of ["Tooltip", "PopoverDropdown"]) delete ((window.dash_mantine_components || {})[name] || {}).dashChildrenUpdate;

  /* Dash tells every component on the page of every change in its store, hundreds of times while a page is filled. What
     changes at one moment is told together; Dash's own machinery, which listens first, is told at once as before, and so is
     everybody of what a person does in a component: a list would take an older choice for a new one. */
  const PAUSE = 24;
  function together(store) {
    const subscribe = store.subscribe;
    store.subscribe = (listener) => {
      let timer = null, told = 0, known = null, untold = {};
      /* Whether a component changed itself. One is drawn by the names of its properties that changed last: those of all
         untold changes count. */
      const gather = () => {
        const now = store.getState().layoutHashes || {};
        let own = false;
        if (now === known) return own;
        for (const [path, entry] of Object.entries(now)) {
          if (known && known[path] === entry) continue;
          if (untold[path]) entry.changedProps = { ...untold[path].changedProps, ...entry.changedProps };
          untold[path] = entry;
          own = own || entry.renderType === "internal";
        }
        known = now;
        return own;
      };
      const tell = () => {
        clearTimeout(timer);
        timer = null;
        untold = {};
        listener();
        told = performance.now();
      };
      return subscribe(() => {
        if (gather()) tell();
        else if (timer === null) timer = setTimeout(tell, Math.max(0, told + PAUSE - performance.now()));
      });
    };
    return store;
  }
  const stores = (window.dash_stores = window.dash_stores || []);
  stores.push = (...made) => Array.prototype.push.apply(stores, made.map(together));

  /* The drawing component fits and lays out again a moment after a change, even if the drawing has left the page by then. */
  let drawn = null;
  Object.defineProperty(window, "cy", {
    configurable: true,
    get: () => drawn,
    set: (cy) => {
      drawn = cy;
      if (cy) startReadable(cy);
      if (cy) cy.on("destroy", () => Object.assign(cy, { fit: () => cy, headless: () => true, layout: () => ({ run() {} }) }));
    },
  });

  return { sync, nav, theme, title };
})();
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  workbench: { nav: window.wb.nav, theme: window.wb.theme, title: window.wb.title },
});

/* Uploads: files are streamed one after the other; the page goes on when all have arrived. */
(function () {
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");

  function line(list, name) {
    const row = document.createElement("div"), label = document.createElement("span"), bar = document.createElement("progress");
    label.textContent = name;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", name);
    row.append(label, bar);
    list.append(row);
    return { bar, fail: (text) => { bar.remove(); row.append(" " + text); row.className = "wb-late"; } };
  }

  function send(batch, file, shown) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", "/upload/" + batch + "?name=" + encodeURIComponent(file.webkitRelativePath || file.name));
      request.setRequestHeader("X-Workbench", "1");
      request.upload.onprogress = (event) => { if (event.lengthComputable) shown.bar.value = event.loaded / event.total; };
      request.onload = () => (request.status === 200 ? resolve() : reject(new Error(request.responseText)));
      request.onerror = () => reject(new Error("network"));
      request.send(file);
    });
  }

  async function take(drop, files) {
    if (!files.length) return;
    const batch = random(), list = drop.querySelector(".wb-files");
    list.textContent = "";
    const limit = Number(drop.dataset.limit), shownOf = new Map(files.map((file) => [file, line(list, file.name)]));
    const large = files.filter((file) => limit && file.size > limit);
    large.forEach((file) => shownOf.get(file).fail(drop.dataset.large));
    if (large.length) return;
    for (const file of files) {
      const shown = shownOf.get(file);
      try {
        await send(batch, file, shown);
        shown.bar.value = 1;
      } catch (error) {
        shown.fail(drop.dataset.failed);
        return;
      }
    }
    window.dash_clientside.set_props(drop.dataset.store, { data: batch });
  }

  const zone = (event) => event.target.closest && event.target.closest("[data-wb-drop]");
  function input(drop) {
    let field = document.getElementById(drop.dataset.wbDrop);
    if (!field) {
      field = document.createElement("input");
      const accept = drop.dataset.accept;
      Object.assign(field, { type: "file", multiple: !accept, accept: accept || "", id: drop.dataset.wbDrop });
      field.className = "wb-file-input";
      drop.append(field);
    }
    return field;
  }
  /* The input of a link that takes a file has no name of its own: it is called what the link says. */
  function named(link) {
    const field = link.querySelector("input[type=file]"), says = link.textContent.trim();
    if (field && field.getAttribute("aria-label") !== says) field.setAttribute("aria-label", says);
  }
  function ready() {
    document.querySelectorAll("[data-wb-drop]").forEach(input);
    document.querySelectorAll(".wb-upload-link").forEach(named);
  }
  new MutationObserver(ready).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("change", (event) => {
    if (event.target.classList.contains("wb-file-input")) take(zone(event), [...event.target.files]);
  });
  ["dragover", "dragenter"].forEach((kind) => document.addEventListener(kind, (event) => {
    const drop = zone(event);
    if (drop) { event.preventDefault(); drop.classList.add("wb-drop-over"); }
  }));
  document.addEventListener("dragleave", (event) => { const drop = zone(event); if (drop) drop.classList.remove("wb-drop-over"); });
  document.addEventListener("drop", (event) => {
    const drop = zone(event);
    if (!drop) return;
    event.preventDefault();
    drop.classList.remove("wb-drop-over");
    take(drop, [...event.dataTransfer.files]);
  });
})();

/* A server that does not answer: say so, look for it every two seconds, and ask again for all figures once it is back. */
(function () {
  const real = window.fetch;
  let looking = null;
  function look() {
    real("/health", { cache: "no-store" }).then((answer) => {
      if (!answer.ok) throw new Error("not well");
      looking = null;
      delete document.documentElement.dataset.wbOffline;
      window.dash_clientside.set_props("shell-jobs-done", { data: Date.now() });
    }).catch(() => { looking = setTimeout(look, 2000); });
  }
  window.fetch = (...all) => real(...all).catch((error) => {
    const address = String((all[0] && all[0].url) || all[0]);
    if (address.includes("_dash-update-component") && error.name !== "AbortError" && !looking) {
      document.documentElement.dataset.wbOffline = "";
      looking = setTimeout(look, 1000);
    }
    throw error;
  });
})();
