/**
 * Whether an extension's match pattern covers a host. Paths are ignored: a script on any path of a host matters.
 * @param {string} pattern as in host permissions: <all_urls>, *://*.nta.go.jp/*, https://host/*
 * @param {string} host
 */
export function covers(pattern, host) {
  if (pattern === "<all_urls>") return true;
  const parts = /^(\*|https):\/\/([^/]+)\//.exec(pattern);
  if (!parts) return false;
  const wanted = parts[2].replace(/:(\d+|\*)$/, "");
  if (wanted === "*") return true;
  return wanted.startsWith("*.") ? host === wanted.slice(2) || host.endsWith(wanted.slice(1)) : host === wanted;
}
