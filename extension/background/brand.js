/** Brands of user-agent client hints, and the ids of the browsers in manifests/browsers.json. */
const IDS = new Map([
  ["Google Chrome", "chrome"],
  ["Microsoft Edge", "edge"],
]);

/**
 * The id of the browser that this runs in; undefined for one that is not in the table. "Chromium" is a brand of all of
 * them, and one brand is made up on purpose (its name holds "Not" and "Brand").
 * @param {{brand: string}[]} [brands]
 */
export function browserId(brands = navigator.userAgentData?.brands ?? []) {
  const own = brands.map((b) => b.brand).filter((b) => b !== "Chromium" && !/not.*brand/i.test(b));
  if (own.length > 1 || brands.length === 0) return undefined;
  return own[0] === undefined ? "chromium" : IDS.get(own[0]);
}
