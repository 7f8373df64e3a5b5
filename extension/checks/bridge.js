/**
 * Judges whether one bridge extension is installed, enabled and running on the page. The mark of its content script
 * shows that it runs; its other mark, #app-is-installed, is a constant of that script and says nothing about the app.
 * @type {BridgeJudge}
 */
export const judgeBridge = (facts, bridges, catalog) => {
  const login = bridges.filter((b) => b.use === "login");
  const installed = facts.extensions && login.flatMap((bridge) => installedAs(bridge, facts.extensions ?? [], facts.browser));
  const marks = facts.page?.bridges ?? [];
  const atWork = marks.length > 0;
  if (marks.length > 1) return [catalog.finding("extension.bridge-duplicate", "failure")];
  if (installed && !atWork) {
    const off = installed.find(({ extension }) => !extension.enabled);
    const on = installed.some(({ extension }) => extension.enabled);
    if (off && !on) {
      return [catalog.finding("extension.bridge-disabled", "failure", { name: off.extension.name, reason: off.extension.disabledReason ?? "unknown", id: off.extension.id })];
    }
    if (!on) return [catalog.finding("extension.bridge-missing", "failure")];
  }
  if (!facts.onEtaxPage) return [catalog.finding("extension.ready", "unknown", { reason: "not-on-etax-page" })];
  if (!facts.page) return [catalog.finding("extension.ready", "unknown", { reason: "page-not-reached" })];
  if (!atWork) {
    // In incognito windows, only extensions that were allowed there run.
    if (facts.incognito) return [{ ...catalog.finding("extension.ready", "skipped"), skippedBecause: "browser.incognito" }];
    return [catalog.finding("extension.bridge-not-on-page", "failure")];
  }
  return [catalog.finding("extension.ready", "ok", { version: marks[0] }), ...judgeVersion(installed, catalog)];
};

/**
 * The id of the only bridge for the login that is switched on; undefined if that is not known.
 * @param {BrowserFacts} facts
 * @param {BridgeData[]} bridges
 */
export function bridgeAtWork({ extensions, browser }, bridges) {
  const on = bridges.filter((b) => b.use === "login").flatMap((b) => installedAs(b, extensions ?? [], browser).filter((i) => i.extension.enabled));
  return on.length === 1 ? on[0].extension.id : undefined;
}

/**
 * The installed extensions that are a bridge: by id, or in Edge, where the id is unknown, by name and permissions.
 * @param {BridgeData} bridge
 * @param {ExtensionFacts[]} extensions
 * @param {string | undefined} browser
 */
function installedAs(bridge, extensions, browser) {
  const ids = Object.values(bridge.ids).flat();
  const byName = browser === "edge" && bridge.ids.edge?.length === 0;
  return extensions
    .filter((e) => ids.includes(e.id) || (byName && sameKind(bridge, e)))
    .map((extension) => ({ bridge, extension }));
}

/** @param {BridgeData} bridge @param {ExtensionFacts} extension */
function sameKind(bridge, { name, permissions }) {
  return bridge.permissions !== undefined && name === bridge.name && [...permissions].sort().join() === [...bridge.permissions].sort().join();
}

/** Extensions with a bridge's name but another id. @type {BridgeJudge} */
export const judgeImpostors = (facts, bridges, catalog) => {
  return bridges.flatMap((bridge) => {
    const known = Object.values(bridge.ids).flat();
    const inEdge = facts.browser === "edge" && bridge.ids.edge?.length === 0;
    if (known.length === 0 || inEdge) return [];
    return (facts.extensions ?? [])
      .filter((e) => e.enabled && e.name === bridge.name && !known.includes(e.id))
      .map((e) => catalog.finding("extension.bridge-unknown", "warning", { name: e.name, id: e.id }));
  });
};

/**
 * Judges only extensions with a known id: other builds may number versions differently, and a mark does not name its
 * extension.
 * @param {{bridge: BridgeData, extension: ExtensionFacts}[] | null} installed
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
function judgeVersion(installed, catalog) {
  return (installed ?? [])
    .filter(({ bridge, extension }) => extension.enabled && Object.values(bridge.ids).flat().includes(extension.id))
    .filter(({ bridge, extension }) => bridge.newest !== undefined && olderThan(extension.version, bridge.newest))
    .map(({ bridge, extension }) => catalog.finding("extension.bridge-outdated", "warning", { version: extension.version, newest: bridge.newest ?? "" }));
}

/**
 * Compares versions of Chrome extensions: numbers between dots. An invalid version is not older.
 * @param {string} version
 * @param {string} newest
 */
export function olderThan(version, newest) {
  const ours = version.split(".").map(Number);
  const theirs = newest.split(".").map(Number);
  if (ours.some(Number.isNaN) || version === "") return false;
  for (const [i, n] of theirs.entries()) {
    const difference = (ours[i] ?? 0) - n;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
