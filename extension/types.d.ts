// Shapes that the extension's parts hand to each other. Those of the host are written down in host/PROTOCOL.md.

export type Status = "ok" | "info" | "warning" | "failure" | "skipped" | "unknown";

export interface Finding {
  code: string;
  status: Status;
  layer: string;
  /** Texts, where the host has sent them. */
  title?: string;
  detail?: string;
  steps?: string[];
  takes?: string;
  bring?: string[];
  links?: string[];
  args?: Record<string, string>;
  skippedBecause?: string;
  /** A message that the person has reported. */
  reported?: boolean;
  /** What replaces the same of it where it is kept: the days of a certificate are a birthday. */
  record?: Partial<Finding>;
}

export interface CatalogEntry {
  code: string;
  layer: string;
  class: string;
  difficulty: string;
  /** How long the remedy takes: the last part of the key of a text. */
  takes?: string;
  repair?: string;
  links?: string[];
  /** The groups of causes that the code belongs to. */
  explains?: string[];
  /** Makes it a symptom: the groups of causes that would explain it, likeliest first. */
  explainedBy?: string[];
  /** The symptoms beside which information becomes a warning. */
  worseWith?: string[];
}

/** catalog.json: what a code does not name is its layer's; its layer is that of its first word. One without a difficulty is no fault. */
export interface CatalogData {
  layers: { name: string; class?: string; station?: string; fine?: string; prefixes?: string[] }[];
  stations: string[];
  codes: Record<string, Partial<CatalogEntry>>;
}

/** What the page showed or did. */
export interface Symptom {
  code: string;
  args?: Record<string, string>;
}

/** A text of words.js that is visible on the page. */
export interface PageText {
  code: string;
  /** It means trouble even without a login attempt. */
  always?: boolean;
  /** It counts only after the card's answer. */
  afterAnswer?: boolean;
}

declare global {
  /** Of content/banner.js, where it has been loaded into the page. */
  var etaxDoctorBanner: { show(texts: Banner, onMore: () => void): void; hide(): void } | undefined;
  /** Whether a launch in this document was not answered yet. */
  var etaxDoctorInFlight: boolean;
}

export interface Words {
  cardButtons: string[];
  loggedIn: { hosts: string[]; texts: string[] };
  numberField: string;
  texts: (PageText & { text: string })[];
}

/** In milliseconds. */
export interface Deadlines {
  launch: number;
  looks: number[];
  /** The least time between two looks at the machine that nobody has asked for, in one tab. */
  lookPause: number;
  nextPage: number;
  stale: number;
}

/** A login attempt in one tab; see checks/attempt.js. */
export interface Attempt {
  state: "idle" | "pressed" | "launched" | "answered" | "accepted" | "failed" | "stalled";
  /** The person has pressed the button. */
  pressed?: boolean;
  /** The bridge is talking to the card. */
  inFlight: boolean;
  /** How often the machine was looked at while the bridge worked. */
  look: number;
  seen: Symptom[];
  /** The codes that a banner has announced in this attempt. */
  announced: string[];
  /** It has failed, and was taken over from one page to the next. */
  carried?: boolean;
}

export type PageKind = "login" | "number" | "logged-in" | "other";

export type AttemptEvent =
  | { kind: "press" }
  | { kind: "launch" }
  /** The bridge was asked for something else than a login. */
  | { kind: "busy" }
  /** It has answered that. */
  | { kind: "done" }
  /** The page is left while the bridge works. */
  | { kind: "left" }
  | { kind: "answer"; result: string; errcode: string }
  | { kind: "deadline" }
  | { kind: "texts"; texts: PageText[] }
  | { kind: "page"; page: PageKind; texts: PageText[] };

export interface Step {
  attempt: Attempt;
  /** When the content script should send "deadline": null for never; where it is missing, what was said before holds. */
  after?: number | null;
  /** whole: with the card; quiet: without touching it. */
  look: "none" | "quiet" | "whole";
  /** The banner has nothing to say any more. */
  hide: boolean;
}

/** What the content script tells the worker. page names one load of a page, seq counts its messages. */
export interface PageMessage {
  type: "page-event";
  page: string;
  seq: number;
  /** A launch in this document was not answered yet. */
  inFlight: boolean;
  event: AttemptEvent;
}

/** What the worker answers; nothing where it was too busy with its own end. */
export interface PageAnswer {
  after?: number | null;
  banner: Banner | "hide" | null;
}

/** The texts of a banner, in the person's language. */
export interface Banner {
  language: string;
  title: string;
  step: string;
  more: string;
  close: string;
}

/** How a page came to be shown. */
export type Navigation = "navigate" | "reload" | "back_forward" | "prerender";

/** What the content script saw on an e-Tax page. Never anything of a certificate, a signature or a digest. */
export interface PageFacts {
  /** The values of the bridges' hidden inputs #extension-is-installed: the major versions of those at work. */
  bridges: string[];
  /** launchApp was seen and recvMsg was not: the bridge is talking to the card. */
  texts: PageText[];
  page: PageKind;
  navigation: Navigation;
  /** Milliseconds since the page was loaded. */
  age: number;
  cookiesEnabled: boolean;
}

/** What a page's own scripts are told of the browser. */
export interface Agent {
  userAgent: string;
  platform: string;
}

/** Whether a login is under way on an e-Tax page, as far as the pages answer. */
export type LoginState = "none" | "in-flight" | "unknown";

/** An extension in this profile, as chrome.management tells. */
export interface ExtensionFacts {
  id: string;
  name: string;
  version: string;
  enabled: boolean;
  disabledReason?: string;
  type: string;
  permissions: string[];
  hostPermissions: string[];
}

/** What the worker knows of the browser and of the page that the person is looking at. */
export interface BrowserFacts {
  onEtaxPage: boolean;
  incognito: boolean;
  /** null where the page could not be reached. */
  page: PageFacts | null;
  /** The id of the browser in manifests/browsers.json; undefined for another one. */
  browser: string | undefined;
  /** e-Tax tabs of this kind of window, this one included. */
  tabs: number;
  /** Another e-Tax tab is logged in. */
  loggedInElsewhere: boolean;
  /** e-Tax's cookies; null where they could not be counted. */
  cookies: number | null;
  attempt: Attempt;
  /** null without the permission to ask. */
  extensions: ExtensionFacts[] | null;
  /** As the page sees it; null where it could not be asked. */
  agent: Agent | null;
  ownAgent: Agent;
  /** How long a page may be left alone before it counts as stale. */
  stale: number;
}

export interface BridgeData {
  name: string;
  use: string;
  ids: Record<string, string[]>;
  permissions?: string[];
  newest?: string;
}

export interface ConflictData {
  kind: string;
  status: "warning" | "info";
  words: string[];
}

/** What the popup asks of the worker, over a port named "diagnosis". */
export interface DiagnosisRequest {
  type: "diagnose";
  tabId: number;
  unasked?: boolean;
  symptom?: string;
}

/** What a report keeps of the host's side beside its findings; see host/PROTOCOL.md. */
export interface HostReport {
  protocol: number;
  version: string;
  simulated: string;
  facts: any;
  timings: Record<string, number>;
}

/** The end of a diagnosis. */
export interface Outcome {
  findings: Finding[];
  verdict: Finding;
  /** null where there was no host. */
  host: HostReport | null;
  /** What a report may say of the browser; null where the worker was stopped. */
  browser: Record<string, unknown> | null;
  /** What the check before found; nothing without one. */
  before: Finding[];
}

export interface WatchEvent {
  kind: string;
  reader?: string;
  /** In the language that was asked for. */
  text?: string;
}

/** What the worker tells the popup. */
export type DiagnosisEvent =
  | { type: "finding"; finding: Finding }
  /** Of the host's findings, the code, status and layer come first. */
  | { type: "progress"; finding: Finding }
  | ({ type: "done" } & Outcome);

declare global {
  interface Navigator {
    /** User-agent client hints, which TypeScript's library does not know. */
    readonly userAgentData?: { brands: { brand: string; version: string }[]; platform: string };
  }
}
