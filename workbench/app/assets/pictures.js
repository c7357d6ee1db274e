/* Pictures of the charts of a card, made here: nothing is sent anywhere. Every picture carries the card's title and
   what its figures rest on. A chart becomes SVG first; PNG is that SVG at twice the size. */
(function () {
  const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const FONT = "'Be Vietnam Pro', 'Noto Sans', 'DejaVu Sans', sans-serif";
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  async function plot(element) {
    const box = element.getBoundingClientRect();
    // Fields are turned on dark pages by the style sheet, which the picture does not have.
    const dark = document.documentElement.dataset.mantineColorScheme === "dark";
    const ends = element.closest(".wb-dots") ? '$& stroke-linecap="round"' : "$&";
    const turned = dark ? "$& style=\"filter:invert(0.88) hue-rotate(180deg)\"" : "$&";
    const address = await window.Plotly.toImage(element, { format: "svg", width: Math.round(box.width), height: Math.round(box.height) });
    const svg = decodeURIComponent(address.slice(address.indexOf(",") + 1)).replace(/class="(heatmaplayer[^"]*|cbfills)"/g, turned)
      .replace(/class="shapelayer"/g, ends)
      .replace(/rgb\(107, 118, 134\)/g, (ink) => (dark ? colour("--wb-muted") : ink));
    return { svg, width: box.width, height: box.height };
  }

  function drawing(element) {
    const svg = element._cyreg.cy.svg({ full: true, scale: 1, bg: colour("--wb-surface") });
    const size = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    return { svg, width: parseFloat(size.getAttribute("width")), height: parseFloat(size.getAttribute("height")) };
  }

  function file(element) {
    const address = element.src, data = address.slice(address.indexOf(",") + 1);
    const svg = new TextDecoder().decode(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)));
    return { svg, width: element.naturalWidth, height: element.naturalHeight };
  }

  /* A drawing of HTML boxes: each box with a colour of its own is a rectangle, each line of text a text. */
  function boxes(root) {
    const frame = root.getBoundingClientRect(), parts = [];
    const clear = (value) => !value || value === "transparent" || value === "rgba(0, 0, 0, 0)";
    for (const element of root.querySelectorAll("*")) {
      const style = getComputedStyle(element), box = element.getBoundingClientRect();
      if (!box.width || !box.height || style.visibility === "hidden") continue;
      const edge = parseFloat(style.borderTopWidth) || 0, framed = edge > 0 && parseFloat(style.borderLeftWidth) > 0;
      const lined = framed && !clear(style.borderTopColor);
      const swatch = element.classList.contains("wb-legend-item") && (style.getPropertyValue(document.documentElement.dataset.mantineColorScheme === "dark" ? "--swatch-dark" : "--swatch") || style.getPropertyValue("--swatch"));
      if (swatch) parts.push(`<rect x="${box.left - frame.left}" y="${box.top - frame.top + box.height / 2 - 6}" width="14" height="12" rx="3" fill="${swatch}"/>`);
      if (edge && !framed && !clear(style.borderTopColor)) {
        parts.push(`<rect x="${box.left - frame.left}" y="${box.top - frame.top}" width="${box.width}" height="${edge}" fill="${style.borderTopColor}"/>`);
      }
      if (!clear(style.backgroundColor) || lined) {
        parts.push(`<rect x="${box.left - frame.left}" y="${box.top - frame.top}" width="${box.width}" height="${box.height}"` +
          ` rx="${parseFloat(style.borderTopLeftRadius) || 0}" fill="${clear(style.backgroundColor) ? "none" : style.backgroundColor}"` +
          (lined ? ` stroke="${style.borderTopColor}" stroke-width="${edge}"` : "") + "/>");
      }
      for (const node of element.childNodes) if (node.nodeType === 3 && node.textContent.trim()) parts.push(...lines(node, style, frame));
    }
    return { svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${frame.width}" height="${frame.height}">${parts.join("")}</svg>`,
      width: frame.width, height: frame.height };
  }

  function lines(node, style, frame) {
    const range = document.createRange(), rows = [];
    for (let place = 0; place < node.length; place += 1) {
      range.setStart(node, place);
      range.setEnd(node, place + 1);
      const box = range.getClientRects()[0];
      if (!box) continue;
      const last = rows[rows.length - 1];
      if (last && Math.abs(last.top - box.top) < 3) last.text += node.data[place];
      else rows.push({ top: box.top, bottom: box.bottom, left: box.left, text: node.data[place] });
    }
    return rows.filter((row) => row.text.trim()).map((row) =>
      `<text x="${row.left - frame.left}" y="${row.bottom - frame.top - (row.bottom - row.top) * 0.24}" fill="${style.color}"` +
      ` font-family="${FONT}" font-size="${parseFloat(style.fontSize)}" font-weight="${style.fontWeight}">${escape(row.text)}</text>`);
  }

  const KINDS = [
    [".js-plotly-plot", plot],
    [".__________cytoscape_container", drawing],
    [".wb-picture img", file],
    [".wb-tiles, .wb-variants", boxes],
  ];

  async function charts(card) {
    const found = [];
    for (const [selector, make] of KINDS) {
      for (const element of card.querySelectorAll(selector)) {
        if (element.closest("[aria-hidden=true]") || (selector !== ".js-plotly-plot" && !element.getBoundingClientRect().width)) continue;
        found.push(await make(element));
      }
    }
    return found;
  }

  /* What the figures rest on, without the links beside it. */
  function basis(card) {
    const line = [...card.children].find((part) => part.classList.contains("wb-basis"));
    return line ? [...line.childNodes].filter((part) => part.nodeType === 3 || part.className === "wb-few").map((part) => part.textContent.trim()).join(" · ") : "";
  }

  /* All charts of the card below its title, the basis at the foot. */
  async function whole(card) {
    const found = await charts(card), pad = 24, gap = 16;
    if (!found.length) throw new Error("no chart");
    const text = (selector) => { const e = card.querySelector(selector); return e ? e.textContent.trim() : ""; };
    const width = Math.max(480, ...found.map((one) => one.width)) + 2 * pad;
    let y = pad + 18;
    const parts = [`<text x="${pad}" y="${y}" font-family="${FONT}" font-size="16" font-weight="600" fill="${colour("--wb-text")}">${escape(text(".wb-card-title"))}</text>`];
    y += gap;
    found.forEach((one, place) => {
      // Ids (clip paths, arrow heads) are made unique: several drawings share one file.
      const inner = one.svg.replace(/^<\?xml[^>]*>\s*/, "").replace(/^<!DOCTYPE[^>]*>\s*/, "")
        .replace(/\bid="/g, `id="p${place}-`).replace(/url\((['"]?|&quot;)#/g, `url($1#p${place}-`).replace(/href="#/g, `href="#p${place}-`)
        .replace(/<svg\b/, `<svg x="${pad}" y="${y}"`);
      parts.push(inner);
      y += one.height + gap;
    });
    y += 6;
    parts.push(`<text x="${pad}" y="${y}" font-family="${FONT}" font-size="11" fill="${colour("--wb-muted")}">${escape(basis(card))}</text>`);
    const height = y + pad;
    return { width, height, svg: `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}"` +
      ` viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="${colour("--wb-surface")}"/>${parts.join("")}</svg>` };
  }

  function raster(made) {
    return new Promise((resolve, reject) => {
      const image = new Image(), address = URL.createObjectURL(new Blob([made.svg], { type: "image/svg+xml" }));
      image.onerror = () => reject(new Error("svg"));
      image.onload = () => {
        const scale = Math.min(2, 8000 / made.width, 8000 / made.height), canvas = document.createElement("canvas");
        canvas.width = Math.ceil(made.width * scale);
        canvas.height = Math.ceil(made.height * scale);
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        URL.revokeObjectURL(address);
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("canvas"))), "image/png");
      };
      image.src = address;
    });
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d").replace(/Đ/g, "D")
    .replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase().slice(0, 60) || "chart";

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-wb-picture]");
    document.querySelectorAll("details.wb-picture-tool[open]").forEach((tool) => { if (!tool.contains(event.target)) tool.open = false; });
    if (!button) return;
    const tool = button.closest("details"), card = button.closest(".wb-card");
    tool.open = false;
    try {
      const made = await whole(card), kind = button.dataset.wbPicture;
      const name = plain(card.querySelector(".wb-card-title").textContent) + "." + kind;
      save(kind === "svg" ? new Blob([made.svg], { type: "image/svg+xml" }) : await raster(made), name);
    } catch (error) {
      const said = document.createElement("span");
      said.className = "wb-late";
      said.setAttribute("role", "alert");
      said.textContent = tool.dataset.failed;
      tool.after(said);
      setTimeout(() => said.remove(), 6000);
      console.warn(error);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.wb-picture-tool[open]").forEach((tool) => { tool.open = false; });
  });
})();
