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
    if (value === null) return fallback(spec) === undefined ? null : fallback(spec);
    return spec.kind === "number" ? Number(value) : value;
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
    if (spec.kind === "many") {
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
      return same(value, values[place]) ? none() : value;
    });
  }

  /* The part of the query that goes along from page to page. */
  const SHARED = ["procedure", "provinces", "provinces_2025", "agencies", "levels", "units", "channels",
    "service_levels", "applicant_types", "variants_of_procedure", "outcomes", "steps", "start", "end", "closed",
    "lang", "clock", "by"];
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

  return { sync, nav, theme, title };
})();
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  workbench: { nav: window.wb.nav, theme: window.wb.theme, title: window.wb.title },
});
