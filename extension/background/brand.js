/** Brands of user-agent client hints, and their ids in manifests/browsers.json. */
const IDS = new Map([
  ["Google Chrome", "chrome"],
  ["Microsoft Edge", "edge"],
]);

/**
 * The id of this browser, if it is in the table. All also list "Chromium" and one meaningless brand.
 * @param {{brand: string}[]} [brands]
 */
export function browserId(brands = navigator.userAgentData?.brands ?? []) {
  const own = brands.map((b) => b.brand).filter((b) => b !== "Chromium" && !/not.*brand/i.test(b));
  if (own.length > 1 || brands.length === 0) return;
  return own[0] === undefined ? "chromium" : IDS.get(own[0]);
}
