/* Dossiers running along the process map. Times are seconds since receipt; places are those of the drawing. */
(function () {
  const RUN = 36000; /* milliseconds for the whole span */
  const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const graph = (box) => {
    const canvas = box.querySelector(".__________cytoscape_container");
    return canvas && canvas._cyreg && canvas._cyreg.cy;
  };

  /* A point at `share` of the way along an edge as cytoscape draws it: quadratic pieces between middles of controls. */
  function along(edge, share) {
    const a = edge.sourceEndpoint(), b = edge.targetEndpoint(), controls = edge.controlPoints() || [];
    if (!controls.length) return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
    const n = controls.length, place = Math.min(share * n, n - 1e-6), i = Math.floor(place), s = place - i;
    const middle = (p, q) => ({ x: (p.x + q.x) / 2, y: (p.y + q.y) / 2 });
    const from = i === 0 ? a : middle(controls[i - 1], controls[i]), to = i === n - 1 ? b : middle(controls[i], controls[i + 1]);
    const c = controls[i], u = 1 - s;
    return { x: u * u * from.x + 2 * u * s * c.x + s * s * to.x, y: u * u * from.y + 2 * u * s * c.y + s * s * to.y };
  }

  function spot(cy, run, now) {
    const steps = run.steps;
    if (now < steps[0][1]) return null;
    for (let i = 0; i + 1 < steps.length; i++) {
      const [source, from] = steps[i], [target, to] = steps[i + 1];
      if (now > to) continue;
      const share = to > from ? (now - from) / (to - from) : 1;
      const edge = cy.getElementById(source + "\u2192" + target);
      if (edge.length) return along(edge, share);
      const a = cy.getElementById(source), b = cy.getElementById(target);
      if (!a.length || !b.length) return null;
      const p = a.position(), q = b.position();
      return { x: p.x + (q.x - p.x) * share, y: p.y + (q.y - p.y) * share };
    }
    return null;
  }

  function layer(box) {
    const frame = box.querySelector(".wb-canvas-frame");
    let canvas = frame.querySelector(".wb-tokens");
    if (!canvas) {
      canvas = document.createElement("canvas");
      canvas.className = "wb-tokens";
      canvas.setAttribute("aria-hidden", "true");
      frame.append(canvas);
    }
    return canvas;
  }

  function paint(state) {
    const cy = graph(state.box);
    if (!cy) return;
    const canvas = layer(state.box), ratio = window.devicePixelRatio || 1, width = cy.width(), height = cy.height();
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    const pen = canvas.getContext("2d"), zoom = cy.zoom(), pan = cy.pan();
    pen.scale(ratio, ratio);
    let under = 0;
    state.data.runs.forEach((run) => {
      const at = spot(cy, run, state.now);
      if (!at) return;
      under += 1;
      pen.beginPath();
      pen.arc(at.x * zoom + pan.x, at.y * zoom + pan.y, Math.max(3.5, 6 * zoom), 0, Math.PI * 2);
      pen.fillStyle = run.late ? "#d9534a" : "#d98e04";
      pen.fill();
      pen.lineWidth = 1.2;
      pen.strokeStyle = "#ffffff";
      pen.stroke();
    });
    const days = state.now / 86400;
    state.slider.value = state.now;
    state.slider.setAttribute("aria-valuetext", state.data.words.replace("{days}", days.toFixed(1)).replace("{n}", under));
    state.said.textContent = state.data.words.replace("{days}", days.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1, minimumFractionDigits: 1 })).replace("{n}", under);
    canvas.dataset.under = under;
  }

  function tick(state, time) {
    if (!state.playing || !document.body.contains(state.box)) return;
    const passed = state.last === null ? 0 : time - state.last;
    state.last = time;
    state.now += (passed / RUN) * state.data.span;
    if (state.now >= state.data.span) { state.now = state.data.span; stop(state); }
    paint(state);
    if (state.playing) requestAnimationFrame((next) => tick(state, next));
  }
  function stop(state) { state.playing = false; state.last = null; state.button.dataset.playing = "false"; state.button.textContent = state.data.play; }
  function start(state) {
    if (state.now >= state.data.span) state.now = 0;
    Object.assign(state, { playing: true, last: null });
    state.button.dataset.playing = "true";
    state.button.textContent = state.data.pause;
    requestAnimationFrame((time) => tick(state, time));
  }

  function show(data, boxId, barId) {
    const bar = document.getElementById(barId), box = document.getElementById(boxId);
    if (!bar || !box) return;
    if (bar._state) bar._state.playing = false;
    bar.textContent = "";
    const old = box.querySelector(".wb-tokens");
    if (old) old.remove();
    if (!data) return;
    const button = document.createElement("button"), slider = document.createElement("input"), said = document.createElement("span"), note = document.createElement("span");
    button.type = "button";
    button.className = "wb-button wb-button-default wb-button-small";
    button.textContent = data.play;
    Object.assign(slider, { type: "range", min: 0, max: data.span, step: data.span / 400, value: 0 });
    slider.setAttribute("aria-label", data.label);
    said.className = "wb-basis";
    said.setAttribute("aria-live", "off");
    note.className = "wb-basis wb-replay-note";
    note.textContent = data.note;
    bar.append(button, slider, said, note);
    const state = { data, box, button, slider, said, now: 0, playing: false, last: null };
    bar._state = state;
    button.onclick = () => (state.playing ? stop(state) : start(state));
    slider.oninput = () => { stop(state); state.now = Number(slider.value); paint(state); };
    const cy = graph(box);
    if (cy) cy.on("pan zoom resize", () => state.playing || paint(state));
    paint(state);
    if (!still()) start(state);
  }
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    replay: { show: (data, boxId, barId) => { setTimeout(() => show(data, boxId, barId), 60); return window.dash_clientside.no_update; } },
  });
})();
