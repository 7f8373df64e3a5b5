import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["extension/**/*.js", "testdata/**/*.js", "testdata/**/*.mjs"],
    languageOptions: { globals: { ...globals.browser, ...globals.webextensions } },
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" },
  },
];
