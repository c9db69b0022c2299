// Makes a figure answer: folding, the slider, the steps of loops, hovering. The picture is drawn in Python; here it is moved, hidden and lit.
function fgradFigure(root) {
  root.dataset.ready = "1";
  const data = JSON.parse(root.querySelector("script.fg-data").textContent);
  const svg = root.querySelector(".fg-svg");
  const find = (selector) => root.querySelector(selector);
  const all = (selector) => [...root.querySelectorAll(selector)];
  const info = find(".fg-info");
  const shapes = new Map(), layers = new Map();
  if (svg) {
    for (const e of svg.querySelectorAll(".fg-shape")) shapes.set(e.dataset.key, e);
    for (const e of svg.querySelectorAll(".fg-plane")) layers.set(e.dataset.plane, e);
  }
  const C = data.constants;
  const opened = (key) => shapes.get(key).classList.contains("fg-open");

  // -- coordinates: `place` of layout.py ------------------------------------------------------------------------------------------------------
  const planes = new Map();
  for (const [key, p] of Object.entries(data.planes)) {
    const boxes = p.boxes.map(([k, w, h, ins, outs, way, last]) => ({ key: k, w, h, ins, outs, way, last, x: 0, y: 0 }));
    const before = boxes.map(() => []), after = boxes.map(() => []), column = [];
    p.columns.forEach((col, c) => col.forEach((i) => (column[i] = c)));
    for (const hop of p.hops) {
      before[hop[2]].push(hop);
      after[hop[0]].push(hop);
    }
    planes.set(key, { ...p, key, boxes, before, after, column, byKey: new Map(boxes.map((b) => [b.key, b])) });
  }
  const gap = (a, b) => (a.way || b.way ? C.wayGap : C.gap);
  const weight = (a, b) => (a.way && b.way ? 8 : a.way || b.way ? 2 : 1);

  function place(p) {
    const wires = p.columns.map(() => 0);
    for (const hop of p.hops) wires[p.column[hop[2]]]++;
    let x = 0;
    p.lefts = []; p.rights = [];
    p.columns.forEach((col, c) => {
      if (c) x += Math.min(C.channel + C.lane * wires[c], C.maxChannel);
      const wide = Math.max(0, ...col.map((i) => p.boxes[i].w));
      for (const i of col) p.boxes[i].x = x + (p.boxes[i].last ? wide - p.boxes[i].w : 0);
      p.lefts.push(x);
      p.rights.push(x + wide);
      x += wide;
      let y = 0;
      col.forEach((i, n) => {
        if (n) y += gap(p.boxes[col[n - 1]], p.boxes[i]);
        p.boxes[i].y = y;
        y += p.boxes[i].h;
      });
    });
    for (let s = 0; s <= 2 * C.sweeps; s++) {
      const both = s === 2 * C.sweeps;
      const order = s % 2 ? [...p.columns].reverse() : p.columns;
      for (const col of order) straighten(p, col, both || s % 2 === 0, both || s % 2 === 1);
    }
    const low = Math.min(...p.boxes.map((b) => b.y));
    for (const b of p.boxes) b.y -= low;
    p.w = x;
    p.h = Math.max(...p.boxes.map((b) => b.y + b.h));
  }

  function straighten(p, col, backward, forward) {
    const blocks = [], offsets = [];
    let offset = 0;
    col.forEach((i, n) => {
      const box = p.boxes[i];
      if (n) offset += p.boxes[col[n - 1]].h + gap(p.boxes[col[n - 1]], box);
      offsets.push(offset);
      let total = 0, mass = 0;
      if (backward) for (const [t, o, , k] of p.before[i]) {
        const other = p.boxes[t], w = weight(box, other);
        total += w * (other.y + other.outs[o] - box.ins[k]);
        mass += w;
      }
      if (forward) for (const [, o, h, k] of p.after[i]) {
        const other = p.boxes[h], w = weight(box, other);
        total += w * (other.y + other.ins[k] - box.outs[o]);
        mass += w;
      }
      if (!mass) { total = 0.01 * box.y; mass = 0.01; }
      blocks.push([total - mass * offset, mass, 1]);
      while (blocks.length > 1 && blocks.at(-2)[0] * blocks.at(-1)[1] >= blocks.at(-1)[0] * blocks.at(-2)[1]) {
        const last = blocks.pop(), into = blocks.at(-1);
        for (let q = 0; q < 3; q++) into[q] += last[q];
      }
    });
    let n = 0;
    for (const [total, mass, count] of blocks) for (let q = 0; q < count; q++, n++) p.boxes[col[n]].y = total / mass + offsets[n];
  }

  function settle(p) {
    for (const b of p.boxes) {
      const g = data.groups[b.key];
      if (!g) continue;
      if (!opened(b.key)) { [g.left, b.w, b.h, b.ins, b.outs] = g.closed; continue; }
      const inner = planes.get(b.key);
      settle(inner);
      const [side, top, bottom] = C.frame;
      const port = (k, list) => top + inner.byKey.get(k).y + (inner.byKey.get(k)[list][0] ?? C.port / 2);
      g.left = Math.max(inner.w + 2 * side, g.title);
      b.w = g.left + g.outside;
      b.ins = g.starts.map((k) => port(k, "outs"));
      b.outs = g.ends.map((k) => port(k, "ins"));
      b.h = Math.max(inner.h + top + bottom, ...b.outs.map((o, i) => o + g.rows[i]));
    }
    place(p);
  }

  const num = (x) => String(Math.round(x * 10) / 10);
  function wire(p, [t, o, h, i]) {
    const tail = p.boxes[t], head = p.boxes[h], c = p.column[t];
    const y1 = tail.y + tail.outs[o], y2 = head.y + head.ins[i], x1 = p.rights[c], x2 = p.lefts[c + 1], m = (x1 + x2) / 2;
    const bend = Math.abs(y1 - y2) < 0.05 ? `H${num(x2)}` : `C${num(m)} ${num(y1)} ${num(m)} ${num(y2)} ${num(x2)} ${num(y2)}`;
    return `M${num(tail.x + tail.w)} ${num(y1)}H${num(x1)}${bend}` + (head.x > x2 ? `H${num(head.x)}` : "");
  }

  function show(p) {
    const layer = layers.get(p.key), wires = layer.firstElementChild.children;
    p.hops.forEach((hop, n) => wires[n].setAttribute("d", wire(p, hop)));
    for (const b of p.boxes) {
      const e = shapes.get(b.key), g = data.groups[b.key];
      if (!e) continue;
      e.setAttribute("transform", `translate(${num(b.x)} ${num(b.y)})`);
      if (!g) continue;
      const frame = e.querySelector(":scope > .fg-frame > .fg-box");
      if (opened(b.key)) {
        frame.setAttribute("width", num(g.left));
        frame.setAttribute("height", num(b.h));
        show(planes.get(b.key));
      }
      b.outs.forEach((y, k) => {
        const label = e.querySelector(`:scope > .fg-label[data-out="${k}"]`);
        if (label) label.setAttribute("transform", `translate(${num(g.left + C.pad)} ${num(y)})`);
        const stub = e.querySelector(":scope > .fg-stubs").children[k];
        stub.setAttribute("d", `M${num(g.left)} ${num(y)}H${num(b.w)}`);
      });
    }
  }

  function fit() { // in fonts wider than expected, texts are narrowed into their place
    for (const e of svg.querySelectorAll(".fg-label")) {
      for (const t of e.querySelectorAll("text")) {
        const room = +e.dataset.room - (t.getAttribute("x") ?? 0);
        if (t.textContent && !t.hasAttribute("textLength") && t.getComputedTextLength() > room) {
          t.setAttribute("textLength", room);
          t.setAttribute("lengthAdjust", "spacingAndGlyphs");
        }
      }
    }
  }

  function redraw() {
    const p = planes.get("root");
    settle(p);
    show(p);
    const w = p.w + 2 * C.margin, h = p.h + 2 * C.margin;
    svg.setAttribute("viewBox", `0 0 ${num(w)} ${num(h)}`);
    svg.setAttribute("width", num(w));
    svg.setAttribute("height", num(h));
    svg.style.maxWidth = `${num(w)}px`;
    svg.style.minWidth = `${num(0.7 * w)}px`;
    fit();
    sequence();
  }

  function fold(keys, open) {
    for (const key of keys) {
      const e = shapes.get(key), to = open ?? !opened(key);
      e.classList.toggle("fg-open", to);
      e.classList.toggle("fg-closed", !to);
    }
    redraw();
  }

  // -- the slider: forward, then backward -----------------------------------------------------------------------------------------------------
  const slider = find(".fg-slider"), now = find(".fg-now");
  let steps = []; // the operations and closed groups that are seen, in the order of the program
  const ranks = new Map();

  function visible(p) {
    return p.boxes.flatMap((b) => {
      if (b.way || !shapes.has(b.key)) return [];
      const group = data.groups[b.key];
      if (group && opened(b.key)) return visible(planes.get(b.key));
      return group || shapes.get(b.key).classList.contains("fg-op") ? [b.key] : [];
    });
  }

  function firstUse(p, i) { // the rank of the first operation that reads a box's output
    let found = Infinity;
    for (const [, , h] of p.after[i]) {
      const b = p.boxes[h];
      const inner = data.groups[b.key] && opened(b.key) ? visible(planes.get(b.key))[0] : b.key;
      found = Math.min(found, b.way ? firstUse(p, h) : ranks.get(inner) ?? Infinity);
    }
    return found;
  }

  function sequence() {
    if (!slider) return;
    const end = +slider.value >= +slider.max;
    steps = visible(planes.get("root"));
    ranks.clear();
    steps.forEach((k, r) => ranks.set(k, r));
    slider.max = 2 * steps.length + 1;
    if (end) slider.value = slider.max;
    play();
  }

  function play() {
    const n = steps.length, at = +slider.value;
    const seen = (rank) => at > rank; // its value is computed
    const settled = (rank) => at >= n + 1 + (n - 1 - rank); // everything behind it has sent its gradient
    for (const p of planes.values()) p.boxes.forEach((b, i) => {
      const e = shapes.get(b.key);
      if (!e) return;
      let rank = ranks.get(b.key);
      const group = data.groups[b.key] && opened(b.key);
      if (group) { const inside = visible(planes.get(b.key)); rank = ranks.get(inside.at(-1)); }
      const input = rank === undefined;
      const first = input ? Math.min(firstUse(p, i), n) : rank + 1;
      e.classList.toggle("fg-waiting", !input && !group && !seen(rank));
      e.classList.toggle("fg-hide-value", !input && !seen(rank));
      e.classList.toggle("fg-hide-gradient", !settled(first - 1));
    });
    const whole = at > 2 * n;
    const key = whole || !at ? null : at <= n ? steps[at - 1] : at === n + 1 ? null : steps[2 * n + 1 - at];
    light(key ? [shapes.get(key)] : [], true);
    now.textContent = whole ? "forward and backward" : !at ? "inputs" : at <= n ? `forward ${at} of ${n}` : at === n + 1 ? "gradient of the output" : `backward ${at - n - 1} of ${n}`;
    if (key) tell(shapes.get(key));
  }

  // -- steps of loops -------------------------------------------------------------------------------------------------------------------------
  const chosen = {};
  for (const [key, g] of Object.entries(data.groups)) if (g.shown.length) chosen[key] = 0;

  function viewOf(p) {
    const want = p.chain.map((k) => data.groups[k].shown[chosen[k]]);
    return p.views.findIndex((v) => v.every((s, i) => s === want[i]));
  }

  function write(g, s) {
    const text = g.querySelector("text"), bars = g.querySelector(".fg-bars");
    text.textContent = s ? s[0] : "";
    text.removeAttribute("textLength");
    text.dataset.exact = s ? s[1] : "";
    if (bars) bars.setAttribute("d", s ? s[2] : "");
  }

  function look() {
    for (const p of planes.values()) {
      if (!p.labels) continue;
      const view = viewOf(p);
      for (const [key, labels] of Object.entries(p.labels)) {
        const e = shapes.get(key);
        for (const [k, [above, below]] of Object.entries(labels)) {
          const label = e.querySelector(`:scope > .fg-label[data-out="${k}"]`);
          write(label.querySelector(".fg-value"), view < 0 ? ["–", "", ""] : above[view]);
          write(label.querySelector(".fg-gradient"), view < 0 ? null : below[view]);
        }
      }
    }
    for (const e of all(".fg-steps")) {
      const key = e.dataset.loop;
      e.querySelector(".fg-at").textContent = `step ${data.groups[key].shown[chosen[key]] + 1}`;
    }
    fit();
  }

  // -- hovering -------------------------------------------------------------------------------------------------------------------------------
  const texts = new Map();
  for (const e of shapes.values()) {
    const title = e.querySelector(":scope > title");
    if (!title) continue;
    texts.set(e, title.textContent); // ours is shown below, with more room
    e.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  const home = new Map();
  for (const p of planes.values()) for (const b of p.boxes) if (p.infos && p.infos[b.key]) home.set(b.key, p);

  function tell(e) {
    if (!info || !e) return;
    const p = home.get(e.dataset.key);
    const text = p ? p.infos[e.dataset.key][viewOf(p)] ?? "not run in this step" : texts.get(e);
    if (text === undefined) return;
    info.replaceChildren(...text.split("\n").map((line) => {
      const div = document.createElement("div");
      div.textContent = line;
      div.className = line.startsWith("gradient ") ? "fg-i-gradient" : line.startsWith("↳") ? "fg-i-source" : line.startsWith("∂") ? "fg-i-local" : "";
      return div;
    }));
  }

  function light(elements, quiet) {
    for (const e of all(".fg-hot")) e.classList.remove("fg-hot");
    const rows = new Set(), lines = new Set();
    for (let e of elements) {
      if (e.dataset.eqn) rows.add(e.dataset.eqn);
      if (e.dataset.line) lines.add(e.dataset.line);
      for (let up = e; up; up = up.parentElement?.closest(".fg-closed")) if (up.classList.contains("fg-closed")) e = up; // what can be seen of it
      e.classList.add("fg-hot");
      if (!e.dataset.key) continue;
      const layer = e.closest(".fg-plane");
      for (const w of layer.firstElementChild.children) {
        if ([w.dataset.tail, w.dataset.head].includes(e.dataset.key)) w.classList.add("fg-hot");
      }
    }
    for (const e of all("[data-eqn]")) if (rows.has(e.dataset.eqn)) mark(e);
    for (const e of all(".fg-code")) if (lines.has(e.dataset.line)) e.classList.add("fg-hot");
    if (!quiet && elements.length) tell(elements.find((e) => e.dataset.key) ?? shapes.get(elements[0].dataset.eqn));
  }

  function mark(e) {
    let seen = e;
    for (let up = e; up; up = up.parentElement?.closest(".fg-closed")) if (up.classList.contains("fg-closed")) seen = up;
    seen.classList.add("fg-hot");
  }

  const target = (event) => event.target.closest?.(".fg-shape, .fg-row[data-eqn], .fg-code[data-line]");
  function hover(event) {
    const e = target(event);
    if (!e) return;
    if (e.classList.contains("fg-code")) {
      const found = all("[data-eqn][data-line]").filter((x) => x.dataset.line === e.dataset.line);
      light(found.length ? found : [e]);
      e.classList.add("fg-hot");
    } else light([e]);
  }
  root.addEventListener("mouseover", hover);
  root.addEventListener("focusin", hover);
  root.addEventListener("mouseout", (event) => { if (target(event)) light([], true); });

  // -- controls -------------------------------------------------------------------------------------------------------------------------------
  const act = (event) => {
    const step = event.target.closest?.(".fg-step"), handle = event.target.closest?.(".fg-fold");
    if (step) {
      const key = step.closest(".fg-steps").dataset.loop, n = data.groups[key].shown.length;
      chosen[key] = Math.max(0, Math.min(n - 1, chosen[key] + +step.dataset.by));
      look();
      return true;
    }
    if (handle) fold([handle.closest(".fg-group").dataset.key]);
    return Boolean(handle);
  };
  root.addEventListener("click", (event) => act(event));
  root.addEventListener("keydown", (event) => {
    const e = event.target;
    if (e.classList?.contains("fg-group") && (event.key === "Enter" || event.key === " ")) {
      fold([e.dataset.key]);
      event.preventDefault();
    }
  });
  for (const e of all(".fg-script")) e.hidden = false;
  if (!svg) return;
  if (slider) {
    slider.addEventListener("input", () => { stop(); play(); });
    const button = find(".fg-play");
    let timer = null;
    function stop() { clearInterval(timer); timer = null; button.textContent = "▶"; }
    button.addEventListener("click", () => {
      if (timer) return stop();
      if (+slider.value >= +slider.max) slider.value = 0;
      button.textContent = "❚❚";
      play();
      timer = setInterval(() => {
        if (!root.isConnected || +slider.value >= +slider.max) return stop();
        slider.value = +slider.value + 1;
        play();
      }, 700);
    });
  }
  find(".fg-unfold")?.addEventListener("click", () => fold(Object.keys(data.groups), true));
  find(".fg-foldall")?.addEventListener("click", () => fold(Object.keys(data.groups), false));
  fit();
  sequence();
}
