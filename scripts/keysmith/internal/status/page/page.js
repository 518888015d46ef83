"use strict";
// Everything that comes from the data is put on the page as text, never as HTML.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const text = (i) => data.texts[i] || "";
  // What only one view needs is computed when that view is opened first.
  const once = (make) => {
    let made;
    return () => made || (made = make());
  };
  const $ = (id) => document.getElementById(id);
  const keys = data.keys || [], holders = data.holders || [], rules = data.rules || [];
  const colours = { contested: "red", drifted: "red", unreadable: "red", failed: "red", rejected: "red", held: "amber", removed: "amber", unmanaged: "amber", pending: "blue", "in sync": "green" };
  const severities = { error: "red", security: "red", warning: "amber", info: "blue" };
  const rank = { error: 0, security: 1, warning: 2, info: 3 };

  const el = (tag, className, content) => {
    const e = document.createElement(tag);
    if (className) e.className = className;
    if (content !== undefined) e.textContent = content;
    return e;
  };
  const when = (t) => t ? new Date(t * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC" : "";
  const name = (k) => k.o || k.k;
  const label = (k) => name(k).replace(/^policies\//, "").replace(/\.json$/, "");
  const through = (how) => (how & 1 ? "where an IAM policy of the account allows it" : "by the key policy") + (how & 2 ? ", perhaps: not decided" : "");
  const called = (p) => p === "*" ? "everybody who is not named" : p + (p.endsWith(":root") ? " (every principal of the account)" : "");
  const brief = (p) => called(p).replace(/^arn:aws[a-z-]*:(?:iam|sts)::/, "");
  const actionsOf = (bits) => data.actions.filter((_, i) => bits & (1 << i));
  const short = (action) => action.replace(/^kms:/, "");

  // A list draws only the rows that can be seen.
  class List {
    constructor(element, row) {
      this.element = element;
      this.row = row;
      this.items = [];
      this.inner = el("div");
      element.append(this.inner);
      element.addEventListener("scroll", () => this.draw(), { passive: true });
      addEventListener("resize", () => this.draw());
    }
    show(items) {
      this.items = items;
      this.element.scrollTop = 0;
      this.draw();
    }
    draw() {
      const height = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) || 46;
      // Browsers end at about 16 million pixels; no fleet comes near.
      this.inner.style.height = Math.min(this.items.length * height, 15000000) + "px";
      const first = Math.max(0, Math.floor(this.element.scrollTop / height) - 4);
      const last = Math.min(this.items.length, first + Math.ceil((this.element.clientHeight || 600) / height) + 8);
      const rows = [];
      for (let i = first; i < last; i++) {
        const row = el("div", "row");
        row.style.top = i * height + "px";
        row.tabIndex = 0;
        const { cells, key } = this.row(this.items[i]);
        row.append(...cells);
        const open = () => detail(key);
        row.addEventListener("click", open);
        row.addEventListener("keydown", (event) => { if (event.key === "Enter") open(); });
        rows.push(row);
      }
      if (!this.items.length) rows.push(el("div", "empty", "Nothing to show."));
      this.inner.replaceChildren(...rows);
    }
  }

  const badge = (words, colour) => el("span", "badge " + (colour || ""), words);
  const cell = (content, className, title) => {
    const e = el("span", className, content);
    e.title = title || content;
    return e;
  };
  const wrap = (...parts) => {
    const e = el("span");
    e.append(...parts);
    return e;
  };
  const stateBadge = (k) => badge(data.states[k.s], colours[data.states[k.s]]);

  // Keys.
  const haystack = once(() => keys.map((k) => [k.o, k.k, text(k.w), text(k.m), k.c].join("\n").toLowerCase()));
  let chosenState = -1;
  const keyList = new List($("key-list"), (k) => {
    const counts = {};
    for (const f of k.f) counts[rules[f[0]].severity] = (counts[rules[f[0]].severity] || 0) + 1;
    const marks = Object.keys(rank).filter((s) => counts[s] && s !== "info").map((s) => badge(counts[s] + " " + s, severities[s]));
    const story = [k.t ? "since " + when(k.t) : "", text(k.w) ? "by " + text(k.w) : "", text(k.m)].filter(Boolean).join(", ");
    return { key: k, cells: [wrap(stateBadge(k)), cell(label(k), "mono"), cell(story, "soft"), wrap(...marks)] };
  });
  $("key-list").classList.add("keys");
  const plural = (n, one, more) => n === 1 ? "1 " + one : n.toLocaleString("en") + " " + more;
  const showKeys = () => {
    const words = $("key-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = keys.filter((k, i) => (chosenState < 0 || k.s === chosenState) && words.every((w) => haystack()[i].includes(w)));
    $("key-count").textContent = plural(found.length, "key", "keys");
    keyList.show(found);
  };
  const perState = data.states.map(() => 0);
  for (const k of keys) perState[k.s]++;
  const tiles = data.states.map((state, i) => {
    const n = perState[i];
    const tile = el("button", "tile" + (n ? "" : " none"));
    tile.append(el("b", "", n.toLocaleString("en")), badge(state, colours[state]));
    tile.setAttribute("aria-pressed", "false");
    tile.dataset.state = state;
    tile.addEventListener("click", () => {
      chosenState = chosenState === i ? -1 : i;
      tiles.forEach((other, j) => other.setAttribute("aria-pressed", String(j === chosenState)));
      showKeys();
    });
    return tile;
  });
  $("states").append(...tiles);

  // Findings.
  const findings = once(() => {
    const all = keys.flatMap((k) => k.f.map((f) => ({ key: k, rule: f[0], line: f[1], message: text(f[2]) })));
    return all.sort((a, b) => rank[rules[a.rule].severity] - rank[rules[b.rule].severity]);
  });
  let chosenRule = -1;
  const findingList = new List($("finding-list"), (f) => ({
    key: f.key,
    cells: [wrap(badge(rules[f.rule].severity, severities[rules[f.rule].severity])), cell(rules[f.rule].title), cell(label(f.key) + ":" + f.line, "mono"), cell(f.message, "soft")],
  }));
  $("finding-list").classList.add("findings");
  const showFindings = () => {
    const found = findings().filter((f) => chosenRule < 0 || f.rule === chosenRule);
    $("finding-count").textContent = plural(found.length, "finding", "findings");
    findingList.show(found);
  };
  const ruleCounts = rules.map(() => 0);
  for (const k of keys) for (const f of k.f) ruleCounts[f[0]]++;
  const ruleOrder = rules.map((_, i) => i).sort((a, b) => rank[rules[a].severity] - rank[rules[b].severity] || ruleCounts[b] - ruleCounts[a]);
  const ruleButtons = ruleOrder.map((i) => {
    const button = el("button", "");
    button.append(badge(rules[i].severity, severities[rules[i].severity]), document.createTextNode(" " + rules[i].id + " " + ruleCounts[i].toLocaleString("en")));
    button.title = rules[i].title;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      chosenRule = chosenRule === i ? -1 : i;
      ruleButtons.forEach((b, j) => b.setAttribute("aria-pressed", String(ruleOrder[j] === chosenRule)));
      showFindings();
    });
    return button;
  });
  $("rules").append(...ruleButtons);

  // What can a principal do. An ARN is met by its own name, by patterns, by its
  // account's root, through which IAM decides, and by what stands for everybody.
  const account = (arn) => (/^arn:[a-z-]+:(?:iam|sts)::(\d{12}):/.exec(arn) || [])[1];
  const pattern = (p) => new RegExp("^" + p.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".") + "$");
  const matcher = (query) => {
    const lower = query.toLowerCase(), mine = account(query);
    const known = new Map();
    return (place) => {
      let kind = known.get(place);
      if (kind === undefined) {
        const p = text(place);
        if (p.toLowerCase().includes(lower)) kind = 1;
        else if (mine && (p === "*" || p === query || (p !== "*" && /[*?]/.test(p) && pattern(p).test(query)))) kind = 1;
        else if (mine && account(p) === mine && p.endsWith(":root")) kind = 1;
        else kind = 0;
        known.set(place, kind);
      }
      return kind;
    };
  };
  const principalList = new List($("principal-list"), (r) => ({
    key: r.key,
    cells: [cell(brief(text(r.h[0])), "mono", text(r.h[0])), cell(label(r.key), "mono soft"), cell(actionsOf(r.h[2]).map(short).join(", ")), cell([through(r.h[1]), text(r.h[3])].filter(Boolean).join(", "), "soft")],
  }));
  $("principal-list").classList.add("principal");
  const showPrincipal = () => {
    suggest();
    const query = $("principal-filter").value.trim();
    const matches = matcher(query);
    const found = [], touched = new Set();
    for (const k of keys) {
      if (k.h < 0) continue;
      for (const h of holders[k.h]) {
        if (!query || matches(h[0])) {
          found.push({ key: k, h });
          touched.add(k);
        }
      }
    }
    const unknown = keys.filter((k) => k.h < 0).length;
    $("principal-count").textContent = plural(found.length, "entry", "entries") + " of " + plural(touched.size, "key", "keys") + (unknown ? "; of " + plural(unknown, "key", "keys") + " nothing is known" : "");
    principalList.show(found);
  };
  const suggest = once(() => {
    const names = new Map();
    for (const set of holders) for (const h of set) names.set(h[0], (names.get(h[0]) || 0) + 1);
    $("principals").append(...[...names.entries()].sort((a, b) => b[1] - a[1]).slice(0, 200).map(([place]) => {
      const option = el("option");
      option.value = text(place);
      return option;
    }));
    return true;
  });

  // Who can do it.
  data.actions.forEach((action, i) => {
    const option = el("option", "", action);
    option.value = i;
    $("who-action").append(option);
  });
  const whoList = new List($("who-list"), (r) => ({
    key: r.key,
    cells: [cell(label(r.key), "mono"), cell(r.h ? brief(text(r.h[0])) : "nobody", "mono", r.h && text(r.h[0])), cell(r.h ? through(r.h[1]) : "", ""), cell(r.h ? text(r.h[3]) : "", "soft")],
  }));
  $("who-list").classList.add("who");
  const showWho = () => {
    const bit = 1 << Number($("who-action").value);
    const words = $("who-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    keys.forEach((k) => {
      if (k.h < 0 || !words.every((w) => (k.o + "\n" + k.k).toLowerCase().includes(w))) return;
      const able = holders[k.h].filter((h) => h[2] & bit);
      for (const h of able) found.push({ key: k, h });
      if (!able.length) found.push({ key: k });
    });
    $("who-count").textContent = plural(found.length, "entry", "entries");
    whoList.show(found);
  };

  // One key.
  const table = (heads, rows) => {
    const t = el("table"), head = el("thead"), line = el("tr"), body = el("tbody");
    heads.forEach((h) => line.append(el("th", "", h)));
    head.append(line);
    for (const cells of rows) {
      const tr = el("tr");
      cells.forEach((c) => {
        const td = el("td");
        td.append(c);
        tr.append(td);
      });
      body.append(tr);
    }
    t.append(head, body);
    return t;
  };
  const detail = (k) => {
    const list = el("dl");
    const add = (term, value) => {
      if (!value) return;
      const dd = el("dd");
      dd.append(value);
      list.append(el("dt", "", term), dd);
    };
    add("State", stateBadge(k));
    add("Since", when(k.t));
    add("Changed by", text(k.w));
    add("Message", text(k.m));
    add("Key", k.k !== k.o ? k.k : "");
    add("Last applied", when(k.p));
    add("Version", k.v);
    add("Commit", k.c);
    const parts = [list];
    if (k.f.length) {
      parts.push(el("h3", "", "Findings"), table(["Severity", "Rule", "Line", "What"], k.f.map((f) => [badge(rules[f[0]].severity, severities[rules[f[0]].severity]), el("code", "", rules[f[0]].id), String(f[1]), text(f[2])])));
    }
    parts.push(el("h3", "", "Who can do what, by the policy in the bucket"));
    if (k.h < 0) parts.push(el("p", "", "Not known: " + text(k.e)));
    else parts.push(table(["Principal", "Actions", "How"], holders[k.h].map((h) => [el("span", "mono", called(text(h[0]))), actionsOf(h[2]).map(short).join(", "), [through(h[1]), text(h[3])].filter(Boolean).join(", ")])));
    $("detail-name").textContent = name(k);
    $("detail-body").replaceChildren(...parts);
    $("detail").showModal();
  };
  $("detail").addEventListener("click", (event) => { if (event.target === $("detail")) $("detail").close(); });

  const shows = { keys: showKeys, findings: showFindings, principal: showPrincipal, who: showWho };
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const choose = (view) => {
    tabs.forEach((tab) => {
      const mine = tab.dataset.view === view;
      tab.setAttribute("aria-selected", String(mine));
      $(tab.dataset.view).hidden = !mine;
    });
    shows[view]();
  };
  tabs.forEach((tab) => tab.addEventListener("click", () => choose(tab.dataset.view)));
  for (const [id, show] of [["key-filter", showKeys], ["principal-filter", showPrincipal], ["who-filter", showWho], ["who-action", showWho]]) $(id).addEventListener("input", show);
  choose("keys");
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
