import { covers } from "./match.js";

/** Permissions to change requests; without them, an extension can only interfere by scripts in the page. */
const CHANGES_REQUESTS = ["declarativeNetRequest", "declarativeNetRequestWithHostAccess", "webRequest", "webRequestBlocking", "proxy", "debugger"];

const MAX_CONFLICTS = 5;

/**
 * Names the extensions with access to e-Tax's hosts, and no others. Words in an extension's name tell the kind of
 * conflict; without such a word it is only info.
 * @type {ConflictJudge}
 */
export const judgeConflicts = (facts, { hosts, own, bridges, kinds }, catalog) => {
  if (!facts.extensions) return [];
  const bridgeIDs = bridges.flatMap((b) => Object.values(b.ids).flat());
  const names = bridges.map((b) => b.name);
  const found = facts.extensions
    .filter((e) => e.enabled && e.type === "extension" && e.id !== own && !bridgeIDs.includes(e.id) && !names.includes(e.name))
    .filter((e) => hosts.some((host) => e.hostPermissions.some((pattern) => covers(pattern, host))))
    .map((e) => ({ extension: e, kind: kinds.find((k) => k.words.some((word) => e.name.toLowerCase().includes(word))) }))
    .sort((a, b) => rank(a.kind) - rank(b.kind));
  return found
    .slice(0, MAX_CONFLICTS)
    .map(({ extension, kind }) =>
      catalog.finding("extension.conflict", kind?.status ?? "info", { name: extension.name, kind: kind?.kind ?? "other", how: interference(extension) }),
    );
};

/** @param {ConflictData | undefined} kind */
const rank = (kind) => (kind === undefined ? 2 : kind.status === "warning" ? 0 : 1);

/** @param {ExtensionFacts} extension */
const interference = ({ permissions }) => (CHANGES_REQUESTS.some((p) => permissions.includes(p)) ? "requests" : "page");

/**
 * Says that the profile's extensions were not checked. This does not matter if the bridge runs on the page.
 * @type {Judge}
 */
export const judgePermission = (facts, catalog) => {
  if (facts.extensions) return [];
  return [catalog.finding("extension.not-checked", facts.page?.bridges.length === 1 ? "info" : "unknown", { reason: "permission-not-given" })];
};
