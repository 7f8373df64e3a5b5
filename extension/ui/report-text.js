import { isSymptom, shown } from "../shared/verdict.js";
import { otherWays } from "./hurry.js";

/** The same in every language, so that a support desk can read any report. @type {Record<Status, string>} */
const SIGNS = { failure: "NG", warning: "!!", unknown: "??", skipped: "--", info: "..", ok: "OK" };

/**
 * @param {Outcome} outcome
 * @param {string} extension
 * @param {Date} now
 * @returns {Run}
 */
export function runOf({ findings, verdict, host, browser }, extension, now) {
  // The screen may show more than may be kept.
  const kept = (/** @type {Finding} */ { record, ...f }) => ({ ...f, ...record });
  return { generatedAt: now.toISOString().replace(/\.\d+/, ""), extension, findings: findings.map(kept), verdict: kept(verdict), host, browser };
}

/**
 * The report as text for a mail, by the rules of host/report/text.go; testdata/reports/texts.json tests both.
 * @type {ReportText}
 */
export const reportText = ({ generatedAt, extension, findings, verdict, host, browser }, catalog, texts) => {
  const line = (/** @type {string} */ key, /** @type {string} */ value) => (value ? [`${texts.text(`report_${key}`)}: ${value}`] : []);
  const system = host?.facts?.system;
  const { ways, deadline } = otherWays({ findings, verdict, host }, texts);
  return [
    texts.text("report_title"),
    ...findings.filter(isSymptom).flatMap((f) => line("saw", [f.args?.errcode, texts.title(f)].filter(Boolean).join(" "))),
    ...line("verdict", `${verdict.code} ${texts.title(verdict)}`),
    ...line("time", japaneseTime(generatedAt)),
    ...line("version", [host?.version, extension && `(${texts.layer("extension")} ${extension})`].filter(Boolean).join(" ")),
    ...line("computer", [system?.os, system?.arch, host?.facts?.browser || browser?.browser].filter(Boolean).join(" ")),
    ...line("simulated", host?.simulated ?? ""),
    "",
    texts.text("ui_say"),
    whatToSay(findings, verdict, texts),
    ...(ways.length > 0 ? ["", texts.text("ui_hurry"), deadline, ...ways.map(({ title, needs }) => `* ${title}: ${needs}`)].filter((l, i) => l || i === 0) : []),
    "",
    ...shown(findings).sort((a, b) => catalog.compare(a, b)).map((f) => `${SIGNS[f.status]} ${f.code} ${f.status === "unknown" ? texts.unchecked(f) : texts.title(f)}`),
    "",
    texts.text("report_legend"),
    texts.text("report_nothing_personal"),
    "",
  ].join("\n");
};

/** @param {string} time ISO 8601 */
const japaneseTime = (time) => new Date(Date.parse(time) + 9 * 3_600_000).toISOString().slice(0, 16).replace("T", " ");

/** What to say on the telephone: two sentences. @type {(findings: Finding[], verdict: Finding, texts: Texts) => string} */
export const whatToSay = (findings, verdict, texts) => {
  const message = findings.find((f) => isSymptom(f) && f.args?.errcode)?.args?.errcode ?? "";
  const { code } = verdict;
  return texts.text(message ? "say_message" : "say_no_login", { message }) + texts.text("say_verdict", { code, title: texts.title(verdict) });
};

/**
 * In the shape of `etax-doctor report --json`, for `check --replay`.
 * @param {Run} run
 * @param {Texts} texts
 */
export function reportJSON({ generatedAt, extension, findings, verdict, host, browser }, texts) {
  const withTexts = (/** @type {Finding} */ f) => ({ ...f, title: texts.title(f), detail: texts.detail(f), steps: texts.steps(f) });
  const { protocol = 0, version = "", simulated = "", facts = null, timings = {} } = host ?? {};
  const { code, status, layer } = verdict;
  return {
    schema: "etax-doctor.report/1",
    protocol,
    version,
    extension,
    generatedAt,
    simulated,
    verdict: { code, status, layer, title: texts.title(verdict) },
    findings: findings.map(withTexts),
    facts,
    timings,
    browser,
  };
}
