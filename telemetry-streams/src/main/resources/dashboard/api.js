// Reads the API. Whole numbers beyond 2^53 become BigInt, so that no byte is lost on the way to the page.

const KEY = 'turnpike-token';
let serverAhead = 0;

export class ApiError extends Error {
  constructor(status, problem, retryAfter) {
    super(problem?.detail ?? `HTTP ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export function setToken(token) {
  sessionStorage.setItem(KEY, token);
}

// Now by the server's clock: the data's age must not depend on this machine's.
export function serverNow() {
  return Date.now() + serverAhead;
}

export function parse(text) {
  return JSON.parse(text, (key, value, context) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && context?.source
      ? BigInt(context.source) : value);
}

export async function get(path, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined)).toString();
  const token = sessionStorage.getItem(KEY);
  const response = await fetch(query === '' ? path : `${path}?${query}`, {
    headers: token ? { Authorization: `Bearer ${token}` } : {},
    signal: AbortSignal.timeout(10_000),
  });
  const date = Date.parse(response.headers.get('date'));
  if (!Number.isNaN(date) && Math.abs(Date.now() - date) > 2_000) serverAhead = date - Date.now();
  else serverAhead = 0;
  const text = await response.text();
  if (!response.ok) {
    let problem = null;
    try { problem = parse(text); } catch { /* a proxy answered */ }
    throw new ApiError(response.status, problem, Number(response.headers.get('retry-after') ?? 0));
  }
  return parse(text);
}

export const tenantPath = (tenant, rest) => `v1/tenants/${encodeURIComponent(tenant)}${rest}`;
