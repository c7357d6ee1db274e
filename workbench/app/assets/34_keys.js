/* Drawings by keyboard: arrows go from box to box, Enter opens a box as a click does, N opens the arrows that leave it
   one after the other. */
(function () {
  const WAYS = { ArrowUp: ["y", -1], ArrowDown: ["y", 1], ArrowLeft: ["x", -1], ArrowRight: ["x", 1] };
  const of = (frame) => {
    const canvas = frame.querySelector(".__________cytoscape_container");
    return canvas && canvas._cyreg && canvas._cyreg.cy;
  };
  const boxes = (cy) => cy.nodes().filter((node) => node.visible() && (node.data("kind") === "step" || node.data("full")));

  /* The nearest box that way; one aside counts as further than one ahead. */
  function next(cy, from, [axis, sign]) {
    const here = from.position(), across = axis === "x" ? "y" : "x";
    let best = null, least = Infinity;
    boxes(cy).forEach((node) => {
      const ahead = (node.position(axis) - here[axis]) * sign, aside = Math.abs(node.position(across) - here[across]);
      if (ahead > 4 && ahead + 2 * aside < least) [best, least] = [node, ahead + 2 * aside];
    });
    return best;
  }

  function point(frame, cy, node) {
    const before = frame.wbAt && cy.getElementById(frame.wbAt);
    if (before && before.length) before.removeStyle("overlay-opacity overlay-color overlay-padding");
    frame.wbAt = node.id();
    frame.wbArrow = -1;
    const ink = getComputedStyle(document.documentElement).getPropertyValue("--wb-accent").trim();
    node.style({ "overlay-opacity": 0.35, "overlay-color": ink || "#1f5fae", "overlay-padding": 6 });
    const box = node.renderedBoundingBox();
    if (box.x1 < 0 || box.y1 < 0 || box.x2 > cy.width() || box.y2 > cy.height()) cy.center(node);
  }

  function open(cy, element) {
    cy.elements(":selected").unselect();
    element.select();
    element.emit("tap");
  }

  document.addEventListener("keydown", (event) => {
    const frame = event.target;
    if (!frame.matches || !frame.matches(".wb-canvas-frame") || event.ctrlKey || event.metaKey || event.altKey) return;
    const cy = of(frame), key = event.key.toLowerCase();
    if (!cy || !(event.key in WAYS || key === "enter" || key === "n")) return;
    event.preventDefault();
    const kept = frame.wbAt && cy.getElementById(frame.wbAt), at = kept && kept.length ? kept : null;
    if (!at) {
      const all = boxes(cy);
      if (all.length) point(frame, cy, all.min((node) => node.position("y")).ele);
      return;
    }
    if (event.key in WAYS) {
      const found = next(cy, at, WAYS[event.key]);
      if (found) point(frame, cy, found);
    } else if (key === "enter") open(cy, at);
    else {
      const leaving = at.outgoers("edge").filter((edge) => edge.visible());
      if (!leaving.length) return;
      frame.wbArrow = (frame.wbArrow + 1) % leaving.length;
      open(cy, leaving[frame.wbArrow]);
    }
  });
})();
