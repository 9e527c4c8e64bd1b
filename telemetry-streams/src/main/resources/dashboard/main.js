// The page: reads the API every two seconds and hands each answer to its panel. What is shown (tenant, user, range) is in
// the address, so that a view can be linked to.

import { ApiError, get, serverNow, setToken, tenantPath } from './api.js';
import { UsageChart } from './chart.js';
import { bits, bytesFigure, duration, element, figure, moment, timeZone } from './format.js';
import { STALE_AFTER_MS, badge, caution, panelState, showAllocations, showCompleteness, showNodes, showOutcomes, showQuotas, showTenants, showTile, showUsage, showUsers } from './panels.js';

const PERIOD_MS = 2_000;
const COMPLETENESS_PERIOD_MS = 60_000;
const TENANTS_SHOWN = 16;
const ALL = ''; // as a tenant: all of them; null is not chosen yet
const RANGES = { '1h': null, '6h': [6, '5m'], '24h': [24, '5m'], '7d': [168, '1h'], '30d': [720, '1h'] };
const PANELS = ['usage', 'quotas', 'users', 'outcomes', 'allocations', 'nodes'];
const byId = (id) => document.getElementById(id);
const chart = new UsageChart(byId('usage-chart'));
const view = { tenant: null, user: null, range: '1h' };
const seen = new Map();
let generation = 0;
let timer = 0;
let completenessAt = 0; // when it is asked for again

function readAddress() {
  const hash = new URLSearchParams(location.hash.slice(1));
  view.tenant = hash.get('tenant');
  view.user = hash.get('user');
  view.range = hash.get('range') in RANGES ? hash.get('range') : '1h';
  document.querySelector(`input[name=range][value='${view.range}']`).checked = true;
}

function choose(change) {
  const next = { ...view, ...change };
  const hash = new URLSearchParams();
  for (const name of ['tenant', 'user']) if (next[name] !== null) hash.set(name, next[name]);
  if (next.range !== '1h') hash.set('range', next.range);
  location.hash = hash.toString();
}

// Without from and to the API answers with the last hour; longer ranges end where the API's default range would.
function windowOf() {
  const range = RANGES[view.range];
  if (range === null) return {};
  const [hours, step] = range;
  return { from: new Date(serverNow() - hours * 3_600_000).toISOString(), step };
}

// Fetches for one panel; a failure leaves the last answer in place under a badge, or takes the panel's place if there is none.
async function fill(panels, request, show) {
  const mine = generation;
  try {
    const answer = await request();
    if (mine !== generation) return null;
    show(answer);
    for (const panel of panels) {
      badge(panel, caution(answer));
      seen.set(panel, answer);
    }
    return answer;
  } catch (error) {
    if (mine !== generation) return null;
    if (error instanceof ApiError && error.status === 401) throw error;
    const text = error instanceof ApiError ? error.message : 'the API does not answer';
    for (const panel of panels) {
      if (error instanceof ApiError && error.status === 403) panelState(panel, 'empty', 'This token sees one tenant only.');
      else if (error instanceof ApiError && error.status === 404) panelState(panel, 'empty', text);
      else if (seen.has(panel)) badge(panel, `Not updating: ${text}`);
      else panelState(panel, 'failed', text);
    }
    return error;
  }
}

function offerTenants(list) {
  const choice = byId('tenant-choice');
  const options = [[ALL, 'All tenants'], ...list.map((tenant) => [tenant.id, tenant.displayName === tenant.id ? tenant.id : `${tenant.id} · ${tenant.displayName}`])];
  const known = [...choice.options].map((option) => option.value + option.text).join('\n');
  if (known !== options.map(([value, text]) => value + text).join('\n')) {
    choice.replaceChildren(...options.map(([value, text]) => element('option', { value }, text)));
  }
  choice.disabled = false;
  choice.value = view.tenant;
}

// As fresh as the least fresh of several answers.
function joined(list, answers) {
  const worst = answers.find((answer) => caution(answer) !== '') ?? answers[0];
  return { list, asOf: worst?.asOf ?? new Date(serverNow()).toISOString(), complete: worst?.complete ?? true, missingPartitions: worst?.missingPartitions ?? [], stale: worst?.stale ?? false };
}

async function quotas(tenants) {
  const list = await Promise.all(tenants.map(async ({ id }) => {
    try {
      return { id, status: await get(tenantPath(id, '/quota/status')) };
    } catch (error) {
      return { id, error: error instanceof ApiError ? error.message : 'no answer' };
    }
  }));
  return joined(list, list.filter((each) => each.status).map((each) => each.status));
}

async function ofAll(tenants, rest, parameters) {
  const answers = await Promise.all(tenants.map(({ id }) => get(tenantPath(id, rest), parameters)));
  return joined(answers, answers);
}

// The mean of the last whole bucket and the running one, over the time that they cover up to now.
function showRate(series) {
  const step = { '1m': 60_000, '5m': 300_000, '1h': 3_600_000, '1d': 86_400_000 }[series.step];
  const now = Date.parse(series.asOf);
  const start = Math.floor(now / step) * step - step;
  const recent = series.points.filter((point) => Date.parse(point.start) >= start);
  const wireBytes = recent.reduce((sum, point) => sum + Number(point.clientToRelay.wireBytes) + Number(point.relayToClient.wireBytes), 0);
  showTile('rate', figure('rate', series.complete || recent.length > 0 ? (wireBytes * 8_000) / (now - start) : null, bits, 'bit/s'),
    `both ways, mean since ${moment(start, step >= 3_600_000)}`);
}

function showVolume(series) {
  const scope = view.user !== null ? `${view.tenant} / ${view.user}` : view.tenant || 'all tenants';
  const range = document.querySelector(`input[name=range][value='${view.range}'] + span`).textContent;
  showTile('volume', bytesFigure('total.billableBytes', series.total.billableBytes), `${scope}, last ${range}`);
  showRate(series);
  const back = view.user === null ? null : element('button', { type: 'button', class: 'row', onclick: () => choose({ user: null }) }, 'show the whole tenant');
  byId('usage-scope').replaceChildren(scope, back === null ? '' : ' · ', back ?? '');
}

function showFreshness(series) {
  const note = byId('freshness');
  const set = (state, text) => {
    if (note.dataset.state !== state) note.dataset.state = state;
    const span = note.querySelector('span');
    if (span.textContent !== text) span.textContent = text;
  };
  if (series instanceof Error) {
    set('error', series instanceof ApiError ? 'API in trouble' : 'No connection');
    return;
  }
  const age = Math.max(0, serverNow() - Date.parse(series.asOf));
  note.dataset.lag = String(series.lagMs);
  note.title = `Counted up to ${series.asOf}, lag ${series.lagMs} ms`;
  if (!series.complete) set('partial', `Partial, ${duration(age)} old`);
  else if (series.stale || age > STALE_AFTER_MS) set('stale', `Stale, ${duration(age)} old`);
  else set('fresh', `Data ${duration(age)} old`);
}

async function completeness() {
  if (Date.now() < completenessAt) return;
  completenessAt = Date.now() + COMPLETENESS_PERIOD_MS;
  const mine = generation;
  let answer;
  try {
    answer = await get('v1/telemetry/completeness');
  } catch (error) {
    answer = error instanceof ApiError && error.status === 403 ? undefined : null;
  }
  if (mine === generation) showCompleteness(answer);
}

// What the server says that it waits for, if it does.
async function reason(error) {
  if (error.status !== 503) return error.message;
  try {
    await get('health/ready');
    return error.message;
  } catch (waiting) {
    return waiting instanceof ApiError ? waiting.message : error.message;
  }
}

async function refresh() {
  const list = await get('v1/tenants', { limit: 1000 });
  if (view.tenant === null) view.tenant = list.tenants.length === 1 ? list.tenants[0].id : ALL;
  offerTenants(list.tenants);
  const { user } = view;
  const tenant = view.tenant === ALL ? null : view.tenant;
  const at = (rest, cluster) => (tenant === null ? cluster : tenantPath(tenant, rest));
  const scope = tenant ?? '';
  byId('users-scope').textContent = tenant ?? (list.tenants.length > TENANTS_SHOWN ? `first ${TENANTS_SHOWN} of ${list.tenants.length}` : '');
  byId('outcomes-scope').textContent = tenant === null ? 'all tenants, so far' : `${scope}, so far`;
  byId('allocations-scope').textContent = user === null ? scope : `${scope} / ${user}`;
  const usagePath = user !== null && tenant !== null ? tenantPath(tenant, `/users/${encodeURIComponent(user)}/usage`) : at('/usage', 'v1/cluster/usage');
  const shown = list.tenants.slice(0, TENANTS_SHOWN);
  const chooseTenant = (id) => choose({ tenant: id, user: null });
  const [series] = await Promise.all([
    fill(['usage'], () => get(usagePath, windowOf()), (answer) => { showVolume(answer); showUsage(answer, chart); }),
    fill(['quotas'], () => quotas(shown), (answer) => showQuotas(answer.list, tenant, chooseTenant)),
    tenant === null ? fill(['users'], () => ofAll(shown, '/usage', windowOf()), (answer) => showTenants(answer, chooseTenant)) : fill(['users'], () => get(tenantPath(tenant, '/users'), { ...windowOf(), sort: '-bytes', limit: 12 }),
      (answer) => showUsers(answer, user, (id) => choose({ user: id === user ? null : id }))),
    fill(['outcomes'], () => get(at('/connectivity', 'v1/cluster/connectivity')), showOutcomes),
    tenant === null
      ? fill(['allocations'], () => ofAll(shown, '/allocations', { state: 'live', limit: 20 }), (answer) => showAllocations({ allocations: answer.list.flatMap((page) => page.allocations) }, false))
      : fill(['allocations'], () => get(tenantPath(tenant, '/allocations'), { state: 'live', limit: 50, user: user ?? undefined }), (page) => showAllocations(page, true)),
    fill(['nodes'], () => get('v1/nodes'), showNodes),
    completeness(),
  ]);
  if (series !== null) showFreshness(series);
}

async function turn() {
  const mine = generation;
  clearTimeout(timer);
  if (document.hidden && byId('page').dataset.ready === 'true') return; // visibilitychange goes on
  try {
    await refresh();
    if (mine !== generation) return;
    byId('notice').hidden = true;
    byId('sign-in').hidden = true;
    byId('page').hidden = false;
    byId('page').dataset.ready = 'true';
  } catch (error) {
    const said = error instanceof ApiError ? await reason(error) : '';
    if (mine !== generation) return;
    const isRefused = error instanceof ApiError && error.status === 401;
    byId('sign-in').hidden = !isRefused;
    byId('page').hidden = isRefused;
    byId('notice').hidden = isRefused;
    byId('notice').textContent = error instanceof ApiError ? `The API answers: ${said}. Trying again.` : 'The API does not answer. Trying again.';
    for (const panel of PANELS) if (!seen.has(panel)) panelState(panel, 'failed', 'no answer yet');
    showFreshness(error);
  }
  if (mine === generation) timer = setTimeout(turn, PERIOD_MS);
}

function restart() {
  generation += 1;
  completenessAt = 0;
  readAddress();
  void turn();
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  chart.restyle();
}

const preference = matchMedia('(prefers-color-scheme: dark)');
setTheme(localStorage.getItem('turnpike-theme') ?? (preference.matches ? 'dark' : 'light'));
preference.addEventListener('change', (event) => {
  if (localStorage.getItem('turnpike-theme') === null) setTheme(event.matches ? 'dark' : 'light');
});
byId('theme').addEventListener('click', () => {
  const theme = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  localStorage.setItem('turnpike-theme', theme);
  setTheme(theme);
});
byId('tenant-choice').addEventListener('change', (event) => choose({ tenant: event.target.value, user: null }));
byId('range-choice').addEventListener('change', (event) => choose({ range: event.target.value }));
byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  setToken(byId('token').value.trim());
  byId('token').value = '';
  restart();
});
byId('zone').textContent = timeZone;
addEventListener('hashchange', restart);
document.addEventListener('visibilitychange', () => { if (!document.hidden) void turn(); });
restart();
