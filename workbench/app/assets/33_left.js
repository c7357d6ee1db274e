/* Filters that change leave work behind that was for the view before: the server is told, and stops what nobody else asks for. */
(function () {
  let known = null;
  const shown = () => [...document.querySelectorAll('[id*="job-bar"]')].map((bar) => JSON.parse(bar.id).job);
  function view(search, path) {
    const jobs = known === path ? shown() : [];
    known = path;
    if (!jobs.length) return;
    fetch("/jobs/left", { method: "POST", headers: { "Content-Type": "application/json", "X-Workbench": "1" },
      body: JSON.stringify(jobs) }).catch(() => {});
  }

  /* The frame and the page are asked for only when what they rest on changes. */
  const none = () => window.dash_clientside.no_update;
  const lang = (search) => new URLSearchParams(search || "").get("lang") || "";
  const changed = (now, before) => (JSON.stringify(now) === JSON.stringify(before) ? none() : now);
  const tongue = (search, before) => changed(lang(search), before);
  const place = (path, search, shown, before) => changed([path, lang(search), shown ? "" : search || ""], before);

  window.dash_clientside = Object.assign({}, window.dash_clientside, { left: { view, tongue, place } });
})();
