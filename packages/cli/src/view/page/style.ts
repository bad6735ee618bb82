/** How the page looks, by light and by dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f6f8; --card: #fff; --text: #1a2027; --faint: #5a6573; --line: #d8dee6; --hover: #eef2f6;
  --link: #0b57b0; --ok: #1c7556; --few: #8a5700; --bad: #c2202b; --bad-soft: #fdeeee; --well-soft: #eaf6f1;
  --s0: #2563a8; --s1: #7a4fb5; --s2: #0f7f7f; --s3: #a3560a; --s4: #4d7a1f; --s5: #a8326e; --s6: #4a5cc0; --s7: #6b6b2a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --card: #151b23; --text: #e4e8ee; --faint: #97a3b2; --line: #2a333e; --hover: #1d2530;
    --link: #79b8ff; --ok: #56c596; --few: #e3a83b; --bad: #ff7070; --bad-soft: #331a1d; --well-soft: #13261f;
    --s0: #6ba8e8; --s1: #b392e8; --s2: #4fbcbc; --s3: #e09a52; --s4: #93c45c; --s5: #e57fb2; --s6: #909ff0; --s7: #bcbc6a;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
h1, h2, h3, p, dl, dd, ul { margin: 0; padding: 0; }
h2 { font-size: 17px; font-weight: 650; }
h2:focus { outline: none; }
code, pre { font: 12.5px/1.5 ui-monospace, monospace; }
button, select, input { font: inherit; color: inherit; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.faint { color: var(--faint); font-size: 13px; }
.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }

header { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 20px; padding: 10px 24px; background: var(--card); border-bottom: 1px solid var(--line); }
header h1 { font-size: 16px; font-weight: 700; }
header h1 a { color: var(--text); }
header button { padding: 3px 12px; border: 1px solid var(--line); border-radius: 6px; background: transparent; cursor: pointer; }
header button[aria-pressed="true"] { background: var(--text); color: var(--card); }
.link::before { content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 7px; border-radius: 50%; background: var(--faint); }
.link.live::before { background: var(--ok); }
.link.paused::before { border-radius: 1px; background: var(--few); }
.link.lost { color: var(--bad); font-weight: 600; }
.link.lost::before { background: var(--bad); }
#counts { display: flex; flex-wrap: wrap; gap: 4px 20px; margin-left: auto; font-size: 13px; font-variant-numeric: tabular-nums; }
#counts div { display: flex; gap: 6px; }
#counts dt { color: var(--faint); }

header nav { display: flex; gap: 4px; }
header nav a { padding: 3px 10px; border-radius: 6px; color: var(--text); }
header nav a[aria-current] { background: var(--hover); font-weight: 650; }
main { max-width: 1560px; margin: 0 auto; padding: 16px 24px 48px; }
main section + section { margin-top: 28px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.scrolls { overflow-x: auto; position: relative; }
.verdict { padding: 12px 16px; border: 1px solid var(--line); border-left: 5px solid var(--faint); border-radius: 8px; background: var(--card); font-size: 16px; }
.verdict.bad { border-left-color: var(--bad); background: var(--bad-soft); }
.verdict.bad strong { color: var(--bad); }
.verdict.well { border-left-color: var(--ok); background: var(--well-soft); }
.verdict + section { margin-top: 20px; }
.bar-of-heading { display: flex; align-items: center; gap: 16px; margin-bottom: 10px; }
.choice { display: flex; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; font-size: 13px; }
.choice label { padding: 2px 10px; cursor: pointer; }
.choice input { position: absolute; opacity: 0; }
.choice label:has(:checked) { background: var(--text); color: var(--card); }
.choice label:has(:focus-visible) { outline: 2px solid var(--link); outline-offset: -2px; }
.empty { padding: 40px 24px; text-align: center; color: var(--faint); }
.empty strong { color: var(--text); }
.empty pre { display: inline-block; margin: 12px 0; padding: 8px 16px; border-radius: 6px; background: var(--hover); color: var(--text); }

.map { display: block; width: 100%; height: auto; margin: 0 auto; }
.map text { font: 12.5px system-ui, sans-serif; font-variant-numeric: tabular-nums; fill: var(--text); white-space: pre; }
.map .end { text-anchor: end; }
.map .middle { text-anchor: middle; }
.map .faint { fill: var(--faint); }
.map .node rect { fill: var(--card); stroke: var(--line); stroke-width: 1.5; }
.map .node .name { font-size: 14px; font-weight: 650; }
.map .node.peer rect { stroke-dasharray: 5 4; }
.map .node.few .rates { fill: var(--few); }
.map .node.failing rect { stroke: var(--bad); }
.map .node.failing .rates, .map .edge.failing .rates { fill: var(--bad); font-weight: 600; }
.map .node.blamed rect { stroke-width: 3; fill: var(--bad-soft); }
.map .node .fault rect { fill: var(--bad); stroke: none; }
.map .node .fault text { font-size: 10.5px; font-weight: 700; letter-spacing: .05em; fill: var(--card); }
.map .node:hover > rect, .map .node:focus-visible > rect { fill: var(--hover); stroke: var(--link); }
.map .node.idle text, .map .edge.idle text { fill: var(--faint); }
.map .edge path { fill: none; stroke: var(--faint); }
.map .edge rect { fill: transparent; }
.map .edge text { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.map .edge.few .rates { fill: var(--few); }
.map .edge.failing path { stroke: var(--bad); }
.map .edge.idle path { stroke: var(--line); }
.map .edge:hover rect, .map .edge:focus-visible rect { stroke: var(--link); stroke-width: 1.5; }
.map .edge:hover path, .map .edge:focus-visible path { stroke: var(--link); }
.map a { outline: none; text-decoration: none; }
marker path { fill: var(--faint); }
marker.failing path { fill: var(--bad); }
marker.idle path { fill: var(--line); }

.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(520px, 100%), 1fr)); gap: 16px; margin-top: 16px; align-items: start; }
.tables .card { max-height: 420px; overflow-y: auto; }
table { width: 100%; border-collapse: collapse; }
caption { padding: 10px 14px 4px; text-align: left; font-weight: 650; }
th, td { padding: 6px 14px; text-align: left; font-weight: 400; vertical-align: baseline; }
thead th { color: var(--faint); font-size: 12.5px; white-space: nowrap; }
thead th.number { text-align: right; }
tbody tr { border-top: 1px solid var(--line); }
tbody tr:hover { background: var(--hover); }
.wide { overflow-wrap: anywhere; min-width: 160px; }
th[scope="row"] a { white-space: pre-wrap; overflow-wrap: anywhere; }
tr.failing .success, .failures { color: var(--bad); font-weight: 600; }
tr.few .success { color: var(--few); }
tr.idle { color: var(--faint); }

.filter { display: flex; flex-wrap: wrap; gap: 8px 20px; margin: 10px 0; align-items: center; }
.filter p { display: flex; align-items: center; gap: 8px; color: var(--faint); font-size: 13px; }
.filter select, .filter input:not([type="checkbox"]) { max-width: 320px; padding: 4px 8px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: var(--text); }
.filter input[type="number"] { width: 90px; }
.time { width: 1%; color: var(--faint); }
th.number, td.number { width: 1%; }
.chips { display: flex; flex-wrap: wrap; gap: 4px; }
.chip { padding: 0 7px; border: 1px solid var(--line); border-radius: 9px; font-size: 12px; white-space: nowrap; }
.chip.bad { border-color: var(--bad); color: var(--bad); }
.length { min-width: 190px; white-space: nowrap; }
.length .number { display: inline-block; width: 68px; margin-right: 10px; }
.gauge { display: inline-block; width: 96px; height: 6px; border-radius: 3px; background: var(--hover); }
.gauge span { display: block; height: 100%; border-radius: 3px; background: var(--faint); }
tr.failing .gauge span { background: var(--bad); }
section .card + .faint { margin-top: 8px; }

.filter .search { flex: 1 1 320px; }
.filter .search input { flex: 1; min-width: 0; max-width: none; font: 13px ui-monospace, monospace; }
.lines-columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(280px, 420px); gap: 16px; align-items: start; }
.lines-columns:has(> [hidden]) { grid-template-columns: minmax(0, 1fr); }
.lines td { padding: 3px 10px; font: 12.5px/1.5 ui-monospace, monospace; }
.lines thead th { padding: 8px 10px; }
.lines .level, .lines .by { white-space: nowrap; width: 1%; }
.lines [aria-current] td { background: var(--hover); font-weight: 600; }
.lines .failing .level { color: var(--bad); font-weight: 700; }
.said { padding: 0; border: 0; background: none; text-align: left; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; cursor: pointer; }
.said:hover { text-decoration: underline; }
.plain { padding: 5px 14px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); cursor: pointer; }
#trace-lines-card { margin-top: 20px; }
@media (max-width: 900px) {
  .lines-columns { grid-template-columns: minmax(0, 1fr); }
  .lines, .lines tbody { display: block; }
  .lines thead { display: none; }
  .lines tr { display: flex; flex-wrap: wrap; gap: 0 10px; padding: 4px 10px; }
  .lines tr[hidden] { display: none; }
  .lines td, .lines .level, .lines .by, .lines .time { padding: 0; width: auto; }
  .values div { grid-template-columns: minmax(80px, 110px) 1fr; }
  .lines .wide { flex: 1 0 100%; min-width: 0; }
  .lines .details td { flex: 1 0 100%; padding: 4px 0 8px 12px; }
}

.stretch { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; margin-bottom: 12px; padding: 6px 14px; border: 1px solid var(--link); border-radius: 8px; background: var(--card); }
.check { display: flex; align-items: center; gap: 6px; font-size: 13px; }
.bar-of-heading { flex-wrap: wrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); gap: 12px; }
.charts figure { margin: 0; min-width: 0; padding: 8px 10px 4px; overflow: hidden; }
.charts figcaption { display: flex; justify-content: space-between; padding: 0 4px 4px; font-weight: 650; }
.charts .now { font-weight: 400; font-variant-numeric: tabular-nums; }
.charts .u-over { cursor: crosshair; }
.charts .u-select { background: color-mix(in srgb, var(--link) 22%, transparent); }
.marks { display: flex; flex-wrap: wrap; gap: 4px 20px; margin-top: 8px; list-style: none; font-size: 13px; }
.marks a, .plain-list a, .stretch a, #beside-note a { text-decoration: underline; }
.marks:empty { display: none; }
details summary { margin-top: 8px; color: var(--link); cursor: pointer; }
.low { max-height: 360px; overflow-y: auto; }
.strip .ok, .strip .idle { fill: var(--ok); } .strip .idle { fill: var(--faint); }
.strip .few { fill: var(--few); } .strip .failing { fill: var(--bad); }
.states td, .states th, .metrics td, .metrics th { vertical-align: middle; }
.strip { display: block; background: var(--hover); }
tr.ok .success { color: var(--ok); }
.spark { display: block; }
.spark polyline { fill: none; stroke: var(--s0); stroke-width: 1.5; }
.spark circle { fill: var(--s0); }
.plain-list { list-style: none; }
td small { color: var(--faint); overflow-wrap: anywhere; }
#beside { margin: 12px 0; }
#waterfall-card { max-height: 78vh; overflow-y: auto; overflow-anchor: none; }
.waterfall thead th { position: sticky; top: 0; z-index: 1; background: var(--card); }
.waterfall .row { height: 32px; }
.waterfall .hit th { box-shadow: inset 5px 0 0 var(--few); }
.waterfall .hit .name { text-decoration: underline 2px var(--few); }

#trace h2 { margin: 8px 0 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 8px; margin-bottom: 12px; font-variant-numeric: tabular-nums; }
.facts dt { color: var(--faint); }
.facts dd { margin-right: 20px; }
.failures-list { list-style: none; }
.failures-list li { margin-bottom: 6px; padding: 8px 14px; border: 1px solid var(--line); border-left: 5px solid var(--bad); border-radius: 8px; background: var(--bad-soft); overflow-wrap: anywhere; }
.failures-list button { padding: 0; border: 0; background: none; color: var(--bad); font-weight: 650; text-align: left; white-space: pre-wrap; cursor: pointer; }
.failures-list button:hover { text-decoration: underline; }
#trace .card { margin-top: 12px; }
.waterfall { table-layout: fixed; min-width: 860px; }
.waterfall thead th:first-child { width: 46%; }
.waterfall th, .waterfall td { padding: 0 12px 0 8px; vertical-align: middle; }
.waterfall thead th { padding-block: 8px; }
.ticks { display: flex; justify-content: space-between; font-variant-numeric: tabular-nums; }
.span { display: flex; gap: 8px; align-items: baseline; width: 100%; padding: 5px 4px; border: 0; background: none; text-align: left; cursor: pointer; overflow: hidden; white-space: nowrap; }
.span::before { content: "▸"; flex: none; width: 10px; color: var(--faint); }
.span[aria-expanded="true"]::before { content: "▾"; }
.span .service { flex: none; padding-left: 7px; border-left: 4px solid; font-weight: 600; }
.span .name { overflow: hidden; text-overflow: ellipsis; }
.span .cross { flex: none; color: var(--bad); font-weight: 700; }
.span .failure { overflow: hidden; text-overflow: ellipsis; color: var(--bad); font-size: 13px; }
.span:focus-visible { outline-offset: -2px; }
.lane { position: relative; display: block; height: 24px; background: linear-gradient(to right, var(--line) 1px, transparent 1px) 0 0 / 25% 100%; }
.bar { position: absolute; top: 4px; height: 16px; min-width: 3px; border-radius: 3px; background: currentColor; }
.took { position: absolute; top: 2px; padding: 0 6px; font-size: 12px; line-height: 20px; font-variant-numeric: tabular-nums; color: var(--faint); }
.took.inside { color: var(--card); }
.s0 { color: var(--s0); } .s1 { color: var(--s1); } .s2 { color: var(--s2); } .s3 { color: var(--s3); }
.s4 { color: var(--s4); } .s5 { color: var(--s5); } .s6 { color: var(--s6); } .s7 { color: var(--s7); }
.bar.bad { color: var(--bad); }
.details td { padding: 6px 16px 14px 30px; background: var(--hover); }
.details:hover { background: none; }
.span-details { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 10px 32px; }
.span-details section + section { margin: 0; }
.span-details .event { grid-column: 1 / -1; }
.span-details h3 { margin: 6px 0 4px; font-size: 13px; }
.span-details small { color: var(--faint); font-weight: 400; }
.event.bad h3 { color: var(--bad); }
.values div { display: grid; grid-template-columns: minmax(120px, 220px) 1fr; gap: 12px; padding: 1px 0; }
.values dt { color: var(--faint); overflow-wrap: anywhere; }
.values dd { font: 12.5px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 320px; overflow-y: auto; }
@media (max-width: 700px) {
  header { padding: 10px 12px; }
  main { padding: 12px 12px 40px; }
  #counts { margin-left: 0; }
  th, td { padding: 6px 8px; }
  th[scope="row"] { min-width: 84px; }
  .wide { min-width: 120px; }
  #traces td:nth-child(3), #traces td:nth-child(4), th.of-services, th.of-spans { display: none; }
  .length { min-width: 76px; }
  .length .gauge { display: none; }
  .waterfall { min-width: 560px; }
  #traces .time { white-space: normal; }
  .stacked, .stacked tbody { display: block; }
  .stacked thead { display: none; }
  .stacked tbody tr { display: flex; flex-wrap: wrap; justify-content: space-between; padding: 6px 0; }
  .stacked th, .stacked td { width: auto; min-width: 0; }
  .stacked .wide { flex: 1 0 100%; }
  .metrics .wide { order: -1; }
  .strip { width: 100%; height: auto; }
}
@media print {
  :root {
    color-scheme: light;
    --ground: #fff; --card: #fff; --text: #000; --faint: #4a5563; --line: #c4ccd6; --hover: #fff;
    --link: #0b57b0; --ok: #1c7556; --few: #8a5700; --bad: #b01020; --bad-soft: #fff; --well-soft: #fff;
  }
  header nav, header button, form, .choice, .plain, #back { display: none !important; }
  .card, .tables .card, .low, #waterfall-card { max-height: none; overflow: visible; }
  .waterfall thead th { position: static; }
  tr, .verdict, .failures-list li { break-inside: avoid; }
  thead { display: table-header-group; }
}
@media (forced-colors: active) { .bar, .gauge span { forced-color-adjust: none; } }
`;
