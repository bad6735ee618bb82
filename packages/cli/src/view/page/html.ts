/** The page's icon: a magnifying glass over a line that breaks. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#1d2733"/>
<path d="m21 21 6 6" stroke="#e6e9ee" stroke-width="3.2" stroke-linecap="round"/>
<circle cx="14" cy="14" r="9" fill="none" stroke="#e6e9ee" stroke-width="2.6"/>
<path d="m9.500 14h3m3.500 0h3" stroke="#ff6b6b" stroke-width="2.6" stroke-linecap="round"/>
</svg>`;

const RATE_COLUMNS = `<th scope="col" class="number">Success</th>
<th scope="col" class="number">Failed</th>
<th scope="col" class="number">Requests</th>
<th scope="col" class="number">p95</th>`;

/** The page without its data, which its script asks for. Nothing in it comes from a span. */
export const pageHtml = (script: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Whodunit</title>
<link rel="icon" type="image/svg+xml" href="/page/icon.svg">
<link rel="stylesheet" href="/page/uplot.css">
<link rel="stylesheet" href="/page/style.css">
<script type="module" src="${script}"></script>
</head>
<body>
<header>
<h1><a href="#/">Whodunit</a></h1>
<nav aria-label="Views"><a href="#/" data-view="overview">Overview</a><a href="#/lines" data-view="lines">Lines</a><a href="#/health" data-view="health">Health</a><a href="#/metrics" data-view="metrics">Metrics</a></nav>
<p id="link" class="link">Connecting</p>
<button type="button" id="pause" aria-pressed="false">Pause</button>
<dl id="counts" aria-label="What is kept"></dl>
</header>
<p id="announce" class="unseen" role="status"></p>
<main>
<noscript><p class="verdict">This page needs its script. What it shows is also at <code>/api/map</code> and <code>/api/traces</code>.</p></noscript>
<p id="stretch" class="stretch" hidden>Only <strong id="stretch-text"></strong><a id="stretch-clear" href="#/">Back to now</a></p>
<div id="overview" hidden>
<section id="verdict" class="verdict" aria-label="Verdict"></section>
<section aria-labelledby="time-heading">
<div class="bar-of-heading">
<h2 id="time-heading">Over time</h2>
<fieldset id="range" class="choice"><legend class="unseen">Charts show</legend>
<label><input type="radio" name="range" value="hour" checked>Hour</label>
<label><input type="radio" name="range" value="day">Day</label>
</fieldset>
<p class="check"><input id="compare" type="checkbox"><label id="compare-label" for="compare">Compare with the hour before</label></p>
</div>
<div id="charts" class="charts"></div>
<ul id="marks" class="marks" aria-label="What was changed"></ul>
<p id="marks-note" class="faint"></p>
<details id="time-details" aria-label="Time in numbers">
<summary>Choose a time, or read it as a table</summary>
<form id="time-form" class="filter" aria-label="Time">
<p><label for="time-from">From</label><input id="time-from" type="datetime-local" required></p>
<p><label for="time-to">To</label><input id="time-to" type="datetime-local" required></p>
<p><button type="submit" class="plain">Show</button></p>
<p id="time-note" role="status"></p>
</form>
<div class="card scrolls low" tabindex="0" role="region" aria-label="Requests over time">
<table><caption class="unseen">Requests and lines over time, the latest first</caption>
<thead><tr><th scope="col">Time</th><th scope="col" class="number">Requests</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Success</th>
<th scope="col" class="number">p50</th><th scope="col" class="number">p95</th><th scope="col" class="number">Lines to look at</th></tr></thead>
<tbody id="time-rows"></tbody></table></div>
</details>
</section>
<section aria-labelledby="map-heading">
<div class="bar-of-heading">
<h2 id="map-heading">Services</h2>
<fieldset id="window" class="choice"><legend class="unseen">Count over</legend>
<label><input type="radio" name="window" value="60" checked>1 min</label>
<label><input type="radio" name="window" value="600">10 min</label>
</fieldset>
</div>
<div id="map" class="card scrolls" tabindex="0" role="region" aria-label="Service map"></div>
<p id="map-note" class="faint"></p>
<div id="tables" class="tables" hidden>
<div class="card scrolls" tabindex="0" role="region" aria-label="Calls">
<table><caption>Calls</caption>
<thead><tr><th scope="col">Caller</th><th scope="col" class="wide">Callee</th>${RATE_COLUMNS}</tr></thead>
<tbody id="calls"></tbody></table></div>
<div class="card scrolls" tabindex="0" role="region" aria-label="Routes">
<table><caption>Routes</caption>
<thead><tr><th scope="col">Service</th><th scope="col" class="wide">Route</th>${RATE_COLUMNS}</tr></thead>
<tbody id="routes"></tbody></table></div>
</div>
</section>
<section aria-labelledby="traces-heading">
<h2 id="traces-heading">Traces</h2>
<form id="filter" class="filter" aria-label="Filter traces">
<p class="search"><label for="filter-search">Find</label><input id="filter-search" type="search" autocomplete="off" spellcheck="false" placeholder='http.response.status_code:500 "no sugar"'></p>
<p><label for="filter-service">Service</label><select id="filter-service"></select></p>
<p><label for="filter-route">Route</label><select id="filter-route"></select></p>
<p><label for="filter-min">At least, in ms</label><input id="filter-min" type="number" min="0" step="any" inputmode="decimal" placeholder="0"></p>
<p><label for="filter-max">At most, in ms</label><input id="filter-max" type="number" min="0" step="any" inputmode="decimal" placeholder="∞"></p>
<p><input id="filter-error" type="checkbox"><label for="filter-error">Only with errors</label></p>
</form>
<div class="card scrolls" tabindex="0" role="region" aria-label="Traces found">
<table><caption class="unseen">Traces, the latest first</caption>
<thead><tr><th scope="col" class="number">Started</th><th scope="col" class="wide">Request</th><th scope="col" class="of-services">Services</th>
<th scope="col" class="number of-spans">Spans</th><th scope="col" class="number">Failed</th><th scope="col">Took</th></tr></thead>
<tbody id="traces"></tbody></table></div>
<p id="traces-note" class="faint"></p>
</section>
</div>
<div id="lines-view" hidden>
<section aria-labelledby="lines-heading">
<h2 id="lines-heading">Lines</h2>
<form id="lines-filter" class="filter" role="search" aria-label="Search">
<p class="search"><label for="lines-search">Find</label><input id="lines-search" type="search" autocomplete="off" spellcheck="false" placeholder='level:error service:web "no sugar"'></p>
<p><input id="lines-attention" type="checkbox"><label for="lines-attention">Only what asks for attention</label></p>
</form>
<p id="around-note" hidden>The lines before and after one, of every service. <a id="around-leave" href="#/lines">All lines</a></p>
<div class="lines-columns">
<div class="card scrolls" tabindex="0" role="region" aria-label="Lines found">
<table id="lines" class="lines"><thead><tr><th scope="col" class="number">Time</th><th scope="col">Level</th><th scope="col">Service</th><th scope="col" class="wide">Line</th></tr></thead></table></div>
<div id="names-card" class="card scrolls" tabindex="0" role="region" aria-label="Names" hidden>
<table><caption id="names-caption">By name, in the last hour</caption>
<thead><tr><th scope="col" class="wide">Name</th><th scope="col">Service</th><th scope="col" class="number">Lines</th></tr></thead>
<tbody id="names"></tbody></table></div>
</div>
<p id="lines-note" class="faint" role="status"></p>
<p><button type="button" id="older" class="plain" hidden>Show older lines</button></p>
</section>
</div>
<div id="health-view" hidden>
<section aria-labelledby="health-heading">
<h2 id="health-heading">Health</h2>
<div class="card scrolls" tabindex="0" role="region" aria-label="Entries">
<table class="states stacked"><caption class="unseen">Entries of services' health, failing ones first</caption>
<thead><tr><th scope="col">Service</th><th scope="col">Entry</th><th scope="col">Status</th><th scope="col" class="number">Since</th><th scope="col" class="wide">Over time</th></tr></thead>
<tbody id="health"></tbody></table></div>
<p id="health-note" class="faint"></p>
</section>
<section aria-labelledby="incidents-heading">
<h2 id="incidents-heading">Incidents</h2>
<div class="card scrolls" tabindex="0" role="region" aria-label="Incidents found">
<table class="stacked"><caption class="unseen">Incidents, the latest first</caption>
<thead><tr><th scope="col">Since</th><th scope="col" class="number">Lasted</th><th scope="col">Entry</th><th scope="col">Status</th><th scope="col" class="wide">What failed meanwhile</th></tr></thead>
<tbody id="incidents"></tbody></table></div>
<p id="incidents-note" class="faint"></p>
</section>
</div>
<div id="metrics-view" hidden>
<section aria-labelledby="metrics-heading">
<h2 id="metrics-heading">Metrics</h2>
<form id="metrics-filter" class="filter" role="search" aria-label="Find metrics">
<p><label for="metrics-service">Service</label><select id="metrics-service"></select></p>
<p class="search"><label for="metrics-find">Find</label><input id="metrics-find" type="search" autocomplete="off" spellcheck="false" placeholder="http.server.request.duration"></p>
</form>
<div class="card scrolls" tabindex="0" role="region" aria-label="Metrics found">
<table class="metrics stacked"><caption class="unseen">Metrics by service and name</caption>
<thead><tr><th scope="col">Service</th><th scope="col" class="wide">Metric</th><th scope="col" class="number">Last</th><th scope="col">Over time</th></tr></thead>
<tbody id="metrics"></tbody></table></div>
<p id="metrics-note" class="faint" role="status"></p>
</section>
</div>
<article id="trace" aria-labelledby="trace-heading" hidden>
<p><a id="back" href="#/">← All traces</a></p>
<h2 id="trace-heading" tabindex="-1">Trace</h2>
<dl id="trace-facts" class="facts"></dl>
<ul id="trace-failures" class="failures-list" aria-label="Where it failed first"></ul>
<p id="trace-note" class="faint" role="status"></p>
<form id="span-search" class="filter" role="search" aria-label="Find spans">
<p class="search"><label for="span-find">Find</label><input id="span-find" type="search" autocomplete="off" spellcheck="false" placeholder="name, service, attribute or error"></p>
<p><button type="button" id="find-previous" class="plain" disabled>Previous</button><button type="button" id="find-next" class="plain" disabled>Next</button></p>
<p id="find-note" role="status"></p>
<p><button type="button" id="beside-open" class="plain" aria-expanded="false" aria-controls="beside">Beside a good one</button></p>
</form>
<section id="beside" aria-labelledby="beside-heading" hidden>
<h3 id="beside-heading">Beside a good one of the same route</h3>
<p id="beside-note" class="faint"></p>
<div id="beside-card" class="card scrolls low" tabindex="0" role="region" aria-label="Steps of both">
<table><caption class="unseen">Steps of this trace and of the good one</caption>
<thead><tr><th scope="col" class="wide">Step</th><th scope="col" class="number">This one</th><th scope="col" class="number">The good one</th><th scope="col" class="number">Difference</th></tr></thead>
<tbody id="beside-rows"></tbody></table></div>
</section>
<div id="waterfall-card" class="card scrolls" tabindex="0" role="region" aria-label="Waterfall">
<table id="waterfall" class="waterfall"><caption class="unseen">Spans; the arrow keys go from one to the next, right and left open and close</caption>
<thead><tr><th scope="col">Span</th><th scope="col"><span class="unseen">Time</span><span id="ticks" class="ticks"></span></th></tr></thead></table></div>
<section id="trace-lines-card" aria-labelledby="trace-lines-heading" hidden>
<h3 id="trace-lines-heading">Lines</h3>
<div class="card scrolls" tabindex="0" role="region" aria-label="Lines of this trace">
<table id="trace-lines" class="lines"></table></div>
</section>
</article>
</main>
</body>
</html>
`;
