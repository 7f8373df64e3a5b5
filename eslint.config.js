import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["extension/**/*.js", "testdata/**/*.js", "extension/test/*.mjs"],
    languageOptions: { globals: { ...globals.browser, ...globals.webextensions } },
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" },
  },
  {
    files: ["extension/content/*.js"],
    languageOptions: { sourceType: "script" },
  },
  {
    files: ["extension/content/*.js"],
    languageOptions: { globals: { etaxDoctorWords: "readonly", etaxDoctorTell: "readonly", etaxDoctorLook: "readonly", etaxDoctorForeign: "readonly" } },
    rules: { "no-redeclare": ["error", { builtinGlobals: false }] },
  },
];
