// The usage chart: stacked bars per bucket on uPlot, with the hovered bucket's figures beside the cursor.

import { bytes, element, moment } from './format.js';

const SECONDS = { '1m': 60, '5m': 300, '1h': 3600, '1d': 86400 };
const INCREMENTS = Array.from({ length: 50 }, (_, power) => 2 ** power);
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const text = (value) => bytes(value).join(' ');

// Buckets of the whole range. In a complete answer a bucket that is not listed is zero, otherwise it is unknown.
export function columns(series) {
  const step = SECONDS[series.step];
  const from = Date.parse(series.from) / 1000;
  const to = Date.parse(series.to) / 1000;
  const end = Math.min(to, Date.parse(series.asOf) / 1000 + step);
  const known = new Map(series.points.map((point) => [Date.parse(point.start) / 1000, point]));
  const times = [];
  const all = [];
  const toPeers = [];
  for (let at = from; at < to; at += step) {
    const point = known.get(at);
    const blank = series.complete && at < end ? 0 : null;
    times.push(at);
    toPeers.push(point ? Number(point.clientToRelay.wireBytes) : blank);
    all.push(point ? Number(point.clientToRelay.wireBytes) + Number(point.relayToClient.wireBytes) : blank);
  }
  return [times, all, toPeers];
}

export class UsageChart {
  #host;
  #plot = null;
  #tip = element('div', { class: 'tip', hidden: true });
  #series = null;
  #known = new Map();

  constructor(host) {
    this.#host = host;
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(host);
  }

  show(series) {
    const isSameShape = this.#series?.step === series.step && this.#plot !== null;
    this.#series = series;
    this.#known = new Map(series.points.map((point) => [Date.parse(point.start) / 1000, point]));
    const data = columns(series);
    this.#host.setAttribute('aria-label', `Usage from ${series.from} to ${series.to}: `
      + `${text(series.total.clientToRelay.wireBytes)} from clients, ${text(series.total.relayToClient.wireBytes)} to clients`);
    if (isSameShape) this.#plot.setData(data);
    else this.#draw(data);
  }

  restyle() {
    if (this.#series !== null) this.#draw(columns(this.#series));
  }

  #size() {
    return { width: Math.max(240, this.#host.clientWidth), height: this.#host.clientHeight };
  }

  #draw(data) {
    this.#plot?.destroy();
    const axis = { stroke: style('--muted'), grid: { stroke: style('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
    const step = SECONDS[this.#series.step];
    const bars = uPlot.paths.bars({ align: 1, size: [0.78, 28], radius: 0.12 });
    const bar = (label, colour) => ({ label, fill: colour, stroke: colour, width: 0, paths: bars, points: { show: false } });
    this.#plot = new uPlot({
      ...this.#size(),
      padding: [12, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { range: () => [Date.parse(this.#series.from) / 1000, Date.parse(this.#series.to) / 1000] },
        y: { range: (plot, low, high) => [0, Math.max(1024, (high ?? 0) * 1.08)] },
      },
      axes: [
        { ...axis, grid: { show: false }, space: 70, size: 30, values: (plot, splits) => splits.map((at) => moment(at * 1000, step >= 3600)) },
        { ...axis, size: 74, incrs: INCREMENTS, values: (plot, splits) => splits.map((value) => (value === 0 ? '0' : text(value).replace(/\.?0+(?= )/, (zeros) => (text(value).includes('.') ? '' : zeros)))) },
      ],
      series: [{}, bar('Relay → client', style('--to-clients')), bar('Client → relay', style('--to-peers'))],
      hooks: { setCursor: [(plot) => this.#point(plot)] },
    }, data, this.#host);
    this.#host.append(this.#tip);
  }

  #point(plot) {
    const step = SECONDS[this.#series.step];
    const at = plot.cursor.left < 0 ? NaN : plot.posToVal(plot.cursor.left, 'x');
    const start = Math.floor(at / step) * step;
    const index = plot.data[0].indexOf(start);
    this.#tip.hidden = index < 0;
    if (index < 0) return;
    const point = this.#known.get(start);
    const isKnown = point || plot.data[1][index] === 0;
    const value = (direction) => (isKnown ? text(point?.[direction].wireBytes ?? 0) : 'not known');
    this.#tip.replaceChildren(element('b', {}, moment(start * 1000, step >= 3600)),
      `Client → relay ${value('clientToRelay')}`, element('br'), `Relay → client ${value('relayToClient')}`);
    const left = plot.bbox.left / devicePixelRatio + plot.cursor.left;
    const isRight = left > this.#host.clientWidth / 2;
    this.#tip.style.left = isRight ? '' : `${left + 14}px`;
    this.#tip.style.right = isRight ? `${this.#host.clientWidth - left + 14}px` : '';
    this.#tip.style.top = '12px';
  }
}
