/** Brands of user-agent client hints, and their ids in manifests/browsers.json. */
const IDS = new Map([
  ["Google Chrome", "chrome"],
  ["Microsoft Edge", "edge"],
]);

/**
 * The id of this browser; undefined if it is not in the table. All browsers also list "Chromium" and one meaningless
 * brand, whose name contains "Not" and "Brand".
 * @param {{brand: string}[]} [brands]
 */
export function browserId(brands = navigator.userAgentData?.brands ?? []) {
  const own = brands.map((b) => b.brand).filter((b) => b !== "Chromium" && !/not.*brand/i.test(b));
  if (own.length > 1 || brands.length === 0) return undefined;
  return own[0] === undefined ? "chromium" : IDS.get(own[0]);
}
