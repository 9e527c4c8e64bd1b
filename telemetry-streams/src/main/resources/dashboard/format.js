// Figures for people. The exact value goes into the title and into data-value, where tests compare it with the API.

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const BITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];
const exact = new Intl.NumberFormat('en-US');
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayAndClock = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', year: 'numeric' });

function scaled(value, base, units) {
  let number = Number(value);
  let unit = 0;
  while (Math.abs(number) >= base * 0.99995 && unit < units.length - 1) {
    number /= base;
    unit += 1;
  }
  const digits = unit === 0 ? 0 : number < 10 ? 2 : number < 100 ? 1 : 0;
  return [number.toFixed(digits), units[unit]];
}

export const bytes = (value) => scaled(value, 1024, BINARY);
export const bits = (value) => scaled(value, 1000, BITS);
export const count = (value) => [exact.format(value), ''];
export const percent = (value) => [(value * 100).toFixed(value === 1 || value === 0 ? 0 : 1), '%'];
export const timeZone = zone;

export function moment(text, withDay) {
  return (withDay ? dayAndClock : clock).format(new Date(text));
}

export function date(text) {
  return day.format(new Date(text));
}

export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

// An element with children; strings become text, so nothing that the API sends is ever read as HTML.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'width%') node.style.width = `${value}%`;
    else if (name === 'onclick') node.addEventListener('click', value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// A figure: short for people, exact in title and data-value. null is unknown, shown as a dash and never as 0.
export function figure(name, value, format, unitName = '') {
  if (value === null || value === undefined) {
    return element('span', { 'data-figure': name, 'data-value': 'null', title: 'not known' }, '–');
  }
  const [number, unit] = format(value);
  const whole = typeof value === 'bigint' || Number.isInteger(value) ? exact.format(value) : String(value);
  return element('span', { 'data-figure': name, 'data-value': String(value), title: `${whole} ${unitName}`.trim() },
    number, unit === '' ? null : element('small', {}, unit === '%' ? unit : `\u202f${unit}`));
}

export const bytesFigure = (name, value) => figure(name, value, bytes, 'bytes');
export const countFigure = (name, value) => figure(name, value, count);
