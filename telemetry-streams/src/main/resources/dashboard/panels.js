// Each panel renders one answer of the API. A panel is loading, ready, empty or failed; an answer that is old or partial
// stays visible under a badge that says so.

import { bytes, bytesFigure, count, countFigure, date, duration, element, figure, moment, percent } from './format.js';
import { serverNow } from './api.js';

export const STALE_AFTER_MS = 30_000;
const HOUR_MS = 3_600_000;
const SPOKEN_AFTER_MS = 300_000; // a relay speaks of an hour some 70 s after its end

const STATES = { OPEN: 'ok', WARN: 'warn', EXHAUSTED: 'bad', SERVING: 'ok', STARTING: 'warn', DRAINING: 'warn', STOPPED: 'none', LOST: 'bad' };
const SUCCESSES = ['CONNECTED', 'DROPPED', 'CUT_BY_QUOTA', 'NODE_LOST'];
const FAILURES = ['ONE_WAY', 'AUTH_FAILED', 'REJECTED'];
const WORDS = { CONNECTED: 'Connected', DROPPED: 'Dropped', CUT_BY_QUOTA: 'Cut by quota', NODE_LOST: 'Node lost', ONE_WAY: 'One way', AUTH_FAILED: 'Not authorised', REJECTED: 'Rejected', CHECKS_ONLY: 'Checks only', UNUSED: 'Unused' };
const LEGS = [['clientToRelay', 'Client → relay', 'peers'], ['relayToPeer', 'Relay → peer', 'peers'], ['peerToRelay', 'Peer → relay', 'clients'], ['relayToClient', 'Relay → client', 'clients']];

const byId = (id) => document.getElementById(id);
const state = (word) => element('span', { class: `state ${STATES[word] ?? 'none'}` }, word.toLowerCase());
const cell = (...children) => element('td', {}, ...children);
const numeric = (...children) => element('td', { class: 'n' }, ...children);
const word = (text, fallback) => (text === '' || text === null ? element('span', { class: 'dim' }, fallback) : text);

export function panelState(name, now, message = '') {
  const panel = document.querySelector(`[data-panel='${name}']`);
  panel.dataset.state = now;
  panel.setAttribute('aria-busy', String(now === 'loading'));
  const placeholder = panel.querySelector('.placeholder');
  if (placeholder.textContent !== message) placeholder.textContent = message;
}

export function badge(name, text) {
  const node = document.querySelector(`[data-panel='${name}'] .badge`);
  node.hidden = text === '';
  if (node.textContent !== text) node.textContent = text;
}

// What a reader must know about an answer before believing it; empty if nothing.
export function caution(answer) {
  const age = serverNow() - Date.parse(answer.asOf);
  if (!answer.complete) return `Partial: ${answer.missingPartitions.length} of the partitions missing`;
  return answer.stale || age > STALE_AFTER_MS ? `Stale: ${duration(age)} old` : '';
}

// Puts the list in place of what the parent holds; who tabbed to one of its buttons stays on the button of that text.
function replace(parent, list) {
  const at = parent.contains(document.activeElement) ? document.activeElement.textContent : null;
  parent.replaceChildren(...list);
  if (at !== null) [...parent.querySelectorAll('button')].find((each) => each.textContent === at)?.focus({ preventScroll: true });
}

function rows(table, list) {
  replace(byId(table).tBodies[0], list);
}

export function showTile(name, figureNode, sub = '') {
  const tile = document.querySelector(`[data-tile='${name}']`);
  tile.replaceChildren(figureNode);
  const line = document.querySelector(`[data-tile-sub='${name}']`);
  line.textContent = sub;
  line.title = sub;
}

// Of an hour that lacks events: how many, as far as that is known.
function lack(hour) {
  const late = hour.nodes.filter((node) => !node.complete);
  const missing = late.reduce((sum, node) => sum + Number(node.missing ?? 0), 0);
  const isOpen = late.some((node) => !node.counted || node.missing === null);
  if (missing > 0) return `${isOpen ? 'at least ' : ''}${count(missing)[0]} ${missing === 1 ? 'event' : 'events'} missing`;
  return isOpen ? 'not known how many events are missing' : 'more events came than were counted';
}

// Whether all events of the hours that are over have arrived. An hour in which no relay was live has none; of the running one nobody
// can know. null: the API does not say it now; undefined: it says it to operators only.
export function showCompleteness(answer) {
  const note = byId('completeness');
  const say = (state, text, title = '') => {
    note.hidden = text === '';
    note.dataset.state = state;
    note.title = title;
    if (note.textContent !== text) note.textContent = text;
  };
  if (answer === undefined) return say('', '');
  if (answer === null || !answer.complete) return say('unknown', 'not known now whether all events have arrived');
  const over = answer.hours.filter((hour) => hour.nodes.length > 0 && Date.parse(hour.start) + HOUR_MS + SPOKEN_AFTER_MS <= serverNow());
  if (over.length === 0) return say('', '');
  const short = over.filter((hour) => !hour.complete).reverse();
  if (short.length === 0) return say('complete', `all events up to ${moment(Date.parse(over.at(-1).start) + HOUR_MS)} have arrived`, 'of the last 24 hours');
  const lines = short.map((hour) => `hour ${moment(hour.start)} incomplete: ${lack(hour)}`);
  const more = short.length === 1 ? '' : `, and ${short.length - 1} more ${short.length === 2 ? 'hour' : 'hours'}`;
  return say('incomplete', lines[0] + more,
    lines.map((line, i) => `${line} (${short[i].nodes.filter((node) => !node.complete).map((node) => node.node).join(', ')})`).join('\n'));
}

export function showUsage(series, chart) {
  const isEmpty = series.points.length === 0;
  panelState('usage', isEmpty && series.complete ? 'empty' : 'ready', 'No traffic was relayed in this range.');
  if (!isEmpty || !series.complete) chart.show(series);
  byId('legs').replaceChildren(...LEGS.map(([name, title, way]) => {
    const leg = series.total[name];
    return element('div', { class: 'leg', 'data-way': way }, element('h3', {}, title),
      element('p', {}, bytesFigure(`total.${name}.wireBytes`, leg.wireBytes)),
      element('p', {}, bytesFigure(`total.${name}.payloadBytes`, leg.payloadBytes), ' payload'),
      element('p', {}, countFigure(`total.${name}.packets`, leg.packets), ' packets'));
  }));
  rows('usage-table', series.points.map((point) => element('tr', {},
    cell(moment(point.start, true), point.partial ? element('span', { class: 'dim' }, ' running') : null),
    numeric(bytesFigure('point.clientToRelay', point.clientToRelay.wireBytes)),
    numeric(bytesFigure('point.relayToClient', point.relayToClient.wireBytes)),
    numeric(bytesFigure('point.billableBytes', point.billableBytes)))).reverse());
}

const windowWords = (trend) => (trend.window === 'period' ? 'in this period' : `in the last ${trend.window}`);

// When the volume will be used up: the time, and the range that the trends span; the trends themselves when pointed at.
function projection(id, { exhaustedAt, earliest, latest, trends }) {
  if (earliest === null) return null;
  const first = trends.find((trend) => trend.exhaustedAt === earliest);
  const title = trends.map((trend) => `as ${windowWords(trend)}, ${bytes(trend.bytesPerSecond).join(' ')}/s: ${trend.exhaustedAt === null ? 'lasts for the period' : `used up ${moment(trend.exhaustedAt, true)}`}`).join('\n');
  const text = exhaustedAt === null ? `used up ${moment(earliest, true)} if it goes on as ${windowWords(first)}` : `used up about ${moment(exhaustedAt, true)}`;
  const range = exhaustedAt === null ? '' : `between ${moment(earliest, true)} and ${latest === null ? 'the next period' : moment(latest, true)}`;
  return element('div', { class: 'bottom', title, 'data-figure': `quota.${id}.earliest`, 'data-value': earliest },
    element('span', {}, text), element('span', { class: 'dim' }, range));
}

export function showQuotas(list, tenant, choose) {
  panelState('quotas', list.length === 0 ? 'empty' : 'ready', 'There is no tenant yet. PUT /v1/tenants/{tenant} makes one.');
  replace(byId('quota-list'), list.map(({ id, status, error }) => {
    const name = element('button', { type: 'button', class: 'row', 'aria-pressed': String(id === tenant), onclick: () => choose(id) }, id);
    if (!status) {
      return element('li', { class: 'quota' }, element('div', { class: 'top' }, name, element('span', { class: 'dim' }, error ?? 'loading')));
    }
    const limit = status.limitBytes;
    const share = (value) => Math.min(100, limit > 0 ? (Number(value) / Number(limit)) * 100 : 100);
    const isLimited = limit !== null;
    const meter = isLimited
      ? element('div', { class: 'meter', 'data-state': status.state, role: 'meter', 'aria-label': `Quota of ${id}`, 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': share(status.usedBytes).toFixed(1), 'aria-valuetext': `${bytes(status.usedBytes).join(' ')} of ${bytes(limit).join(' ')} used, ${status.state}` },
        element('i', { class: 'granted', 'width%': share(status.grantedBytes), title: 'granted to nodes' }), element('i', { class: 'used', 'width%': share(status.usedBytes) }))
      : element('div', { class: 'meter unlimited', 'aria-hidden': 'true' });
    return element('li', { class: 'quota', 'data-tenant': id },
      element('div', { class: 'top' }, name, isLimited ? state(status.state) : element('span', { class: 'state none' }, status.mode === 'OFF' ? 'no quota' : status.mode.toLowerCase())),
      meter,
      element('div', { class: 'bottom' },
        element('span', {}, bytesFigure(`quota.${id}.usedBytes`, status.usedBytes), isLimited ? ' of ' : ' used', isLimited ? bytesFigure(`quota.${id}.limitBytes`, limit) : null),
        element('span', {}, isLimited ? bytesFigure(`quota.${id}.remainingBytes`, status.remainingBytes) : null, isLimited ? ' left · ' : null, status.arming ? 'arming · ' : null, isLimited && status.mode !== 'HARD' ? `${status.mode.toLowerCase()} · ` : null, `until ${date(status.periodEnd)}`)),
      projection(id, status.projection));
  }));
}

// Who used most: users of a tenant, or tenants. Both are rows of a name and a usage.
function showRanking(kind, list, chosen, choose, nothing) {
  document.querySelector("[data-panel='users'] h2").textContent = kind === 'user' ? 'Users' : 'Tenants';
  byId('users-kind').textContent = kind === 'user' ? 'User' : 'Tenant';
  panelState('users', list.length === 0 ? 'empty' : 'ready', nothing);
  const most = list.reduce((high, [, usage]) => Math.max(high, Number(usage.billableBytes)), 1);
  rows('users-table', list.map(([name, usage]) => element('tr', { [`data-${kind}`]: name },
    element('td', { class: 'name', title: name }, element('button', { type: 'button', class: 'row', 'aria-pressed': String(name === chosen), onclick: () => choose(name) }, name),
      element('span', { class: 'share', 'aria-hidden': 'true' }, element('i', { 'width%': (Number(usage.billableBytes) / most) * 100 }))),
    numeric(bytesFigure(`${kind}.${name}.clientToRelay`, usage.clientToRelay.wireBytes)),
    numeric(bytesFigure(`${kind}.${name}.relayToClient`, usage.relayToClient.wireBytes)),
    numeric(figure(`${kind}.${name}.packets`, Number(usage.clientToRelay.packets) + Number(usage.relayToClient.packets), count)),
    numeric(bytesFigure(`${kind}.${name}.billableBytes`, usage.billableBytes)))));
}

export function showUsers(page, user, choose) {
  showRanking('user', page.users.map((each) => [each.user, each]), user, choose, 'No user of this tenant relayed anything in this range.');
}

export function showTenants(answer, choose) {
  const list = answer.list.map((series) => [series.tenant, series.total]).sort(([, a], [, b]) => Number(b.billableBytes) - Number(a.billableBytes));
  showRanking('tenant', list, null, choose, 'There is no tenant yet.');
}

export function showOutcomes(answer) {
  const all = Object.entries(answer.counts);
  const sum = all.reduce((total, [, value]) => total + Number(value ?? 0), 0);
  panelState('outcomes', sum === 0 ? 'empty' : 'ready', 'No allocation has ended yet.');
  const order = [...SUCCESSES, ...FAILURES];
  const kind = (name) => (SUCCESSES.includes(name) ? 'success' : FAILURES.includes(name) ? 'failure' : 'neutral');
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  byId('outcome-list').replaceChildren(...all.sort(([a], [b]) => place(a) - place(b)).map(([name, value]) =>
    element('li', { 'data-kind': kind(name) }, element('span', {}, WORDS[name] ?? name),
      element('span', { class: 'track', 'aria-hidden': 'true' }, element('i', { 'width%': sum === 0 ? 0 : (Number(value ?? 0) / sum) * 100 })),
      element('span', { class: 'n' }, countFigure(`outcome.${name}`, value)))));
  byId('formula').textContent = `Success = ${answer.success.formula}`;
  showTile('success', figure('success', answer.success.value, percent),
    answer.success.denominator > 0 ? `${answer.success.numerator} of ${answer.success.denominator} attempts` : 'nothing was tried yet');
  document.querySelector("[data-tile='success']").title = answer.success.formula;
}

export function showAllocations(page, isWhole) {
  panelState('allocations', page.allocations.length === 0 ? 'empty' : 'ready', 'No allocation is live.');
  rows('allocations-table', page.allocations.map((each) => element('tr', { 'data-allocation': each.id },
    element('td', { class: 'name mono', title: each.id }, each.id), element('td', { class: 'name', title: each.user }, isWhole ? null : element('span', { class: 'dim' }, `${each.tenant} / `), each.user), cell(each.node),
    cell(each.transport, element('span', { class: 'dim' }, ` ${each.relayFamily}`)), cell(word(each.clientPrefix, 'not known')),
    numeric(each.createdAt === null ? '–' : duration(serverNow() - Date.parse(each.createdAt))),
    numeric(bytesFigure(`allocation.${each.id}.clientToRelay`, each.usage.clientToRelay.wireBytes)),
    numeric(bytesFigure(`allocation.${each.id}.relayToClient`, each.usage.relayToClient.wireBytes)),
    numeric(bytesFigure(`allocation.${each.id}.billableBytes`, each.usage.billableBytes)))));
}

export function showNodes(answer) {
  const { nodes } = answer;
  const sum = (counts) => Object.values(counts).reduce((total, value) => total + Number(value), 0);
  panelState('nodes', nodes.length === 0 ? 'empty' : 'ready', 'No relay has sent a heartbeat yet.');
  rows('nodes-table', nodes.map((node) => element('tr', { 'data-node': node.id },
    cell(element('strong', {}, node.id), element('span', { class: 'dim' }, ` ${node.version}`)), cell(state(node.state)),
    cell(node.controlConnected ? 'connected' : element('span', { class: 'state warn' }, 'away')),
    numeric(countFigure(`node.${node.id}.allocations`, node.allocations)), numeric(countFigure(`node.${node.id}.queueDepth`, node.queueDepth)),
    numeric(bytesFigure(`node.${node.id}.spoolBytes`, node.spoolBytes)),
    element('td', { class: 'n', title: Object.entries(node.droppedPackets).map(([reason, value]) => `${reason} ${value}`).join(', ') }, countFigure(`node.${node.id}.dropped`, sum(node.droppedPackets))),
    element('td', { class: 'name', title: node.listeners.join('\n') }, node.listeners.join(', ')),
    cell(`${duration(serverNow() - Date.parse(node.lastSeenAt))} ago`))));
  const serving = nodes.filter((node) => node.state === 'SERVING');
  showTile('nodes', element('span', {}, countFigure('nodes.serving', serving.length), element('small', { class: 'of' }, `of ${nodes.length}`)),
    nodes.filter((node) => node.state !== 'SERVING').map((node) => `${node.id} ${node.state.toLowerCase()}`).join(', ') || (nodes.length === 0 ? 'none was heard of' : 'all of them'));
  showTile('live', countFigure('live.cluster', serving.reduce((total, node) => total + node.allocations, 0)), 'over all serving nodes');
}
