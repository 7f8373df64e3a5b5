import { stateOf } from "./path.js";

/** A sentence for each layer that changed since the previous check. @type {Changes} */
export const changes = (before, now, catalog, texts) => {
  if (before.length === 0) return [];
  return catalog.layers.flatMap((layer) => {
    const [was, is] = [stateOf([layer], before, false), stateOf([layer], now, false)];
    if (was === is) return [];
    const state = (/** @type {string} */ name) => texts.text(`state_${name}`);
    return [texts.text("ui_change", { layer: texts.layer(layer), before: state(was), after: state(is) })];
  });
};
