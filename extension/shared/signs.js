/** How a state is marked, where colours are not enough. */
export const SIGNS = { ok: "✓", info: "✓", warning: "!", failure: "✕", skipped: "–", unknown: "?", pending: "…", unchecked: "–" };
