// Shapes that the extension's parts exchange, known everywhere without an import. host/PROTOCOL.md describes those of the
// host.

type Catalog = import("./shared/catalog.js").Catalog;
type Texts = import("./shared/texts.js").Texts;
type Answer = import("./ui/answer.js").Answer;

type Status = "ok" | "info" | "warning" | "failure" | "skipped" | "unknown";

interface Finding extends EntryData {
  code: string;
  status: Status;
  layer: string;
  /** Texts, if the host has sent them. */
  title?: string;
  detail?: string;
  steps?: string[];
  bring?: string[];
  args?: Record<string, string>;
  skippedBecause?: string;
  /** A message that the person has reported. */
  reported?: boolean;
  /** Replaces these fields in what is kept: a certificate's last day is a birthday. */
  record?: Partial<Finding>;
}

/** What the catalogue says of a code. The host's findings have it in them. */
interface EntryData {
  /** Its place among the codes of its side. */
  rank?: number;
  /** It is no fault. */
  fine?: boolean;
  /** high: its remedy is a visit to a municipal office. Only of the host. */
  difficulty?: string;
  /** How long the remedy takes: the last part of a text's key; of the host, the text itself. */
  takes?: string;
  repair?: string;
  links?: string[];
  /** The groups of causes that the code belongs to. */
  explains?: string[];
  /** Only for symptoms: the groups of causes that would explain it, likeliest first. */
  explainedBy?: string[];
  /** Only for symptoms: the layer that it speaks of, if not its own. As the verdict, it stands there. */
  about?: string;
  /** Beside one of these symptoms, an info finding becomes a warning, and a warning a failure. */
  worseWith?: string[];
}

interface CatalogEntry extends EntryData {
  code: string;
  layer: string;
}

/** The part of checks/symptom/meanings.json that travels with the extension; it is described there. */
interface MeaningTable {
  spellings: Record<string, string>;
  /** Words between spaces; | is the end of a sentence. */
  negations: string;
  /** Error codes, folded: the symptom without "symptom.", and the code as it is shown. */
  codes: Record<string, [string, string]>;
  /** Words between spaces. */
  ideas: Record<string, string>;
  /** ideas, without: names of ideas between spaces. */
  meanings: { code: string; ideas: string; without?: string; last?: boolean }[];
}

/** catalog.json.gz. By default, a code has the layer of its first word and the class of its layer. */
interface CatalogData {
  layers: { name: string; class?: string; station?: string; fine?: string; prefixes?: string[] }[];
  stations: string[];
  codes: Record<string, Partial<CatalogEntry>>;
}

/** What the page showed or did. */
interface Symptom {
  code: string;
  args?: Record<string, string>;
}

/** A text of words.js that is visible on the page. */
interface PageText {
  code: string;
  text: string;
  /**
   * When it counts; by default, during and after a login attempt. trouble: without one too, but not where the page that
   * opens works; anywhere: there too; answer: only after the card's answer; shown: it is no failure, and counts while it is
   * to be seen.
   */
  when?: "trouble" | "anywhere" | "answer" | "shown";
  /** A text that has to be near it. */
  with?: string;
  /** Of a maintenance: until when. */
  until?: string;
}

/** Set by content/banner.js, once that is loaded into the page. */
declare var etaxDoctorBanner: { show(texts: Banner, onMore: () => void): void; hide(): void } | undefined;
/** Whether a launch in this document was not answered yet. */
declare var etaxDoctorInFlight: boolean;
/** The document is in a frame of a foreign page. */
declare var etaxDoctorForeign: boolean;

interface Words {
  /** Those that start the card's reading, and those that lead to the page that does. */
  cardButtons: string[];
  pageButtons: string[];
  /** By the ends of their paths. */
  pages: Record<string, PageKind>;
  loginDomain: string;
  /** Those of the manifest that are not optional, and all below them. */
  hosts: string[];
  loggedIn: { hosts: string[]; texts: string[] };
  numberField: string;
  texts: PageText[];
}

/** In milliseconds. */
interface Deadlines {
  launch: number;
  looks: number[];
  /** The minimum time between two automatic checks of the machine in one tab. */
  lookPause: number;
  nextPage: number;
  stale: number;
}

/** A login attempt in one tab; see checks/attempt.js. */
interface Attempt {
  state: "idle" | "pressed" | "launched" | "answered" | "accepted" | "failed" | "stalled";
  /** The person has pressed the button. */
  pressed?: boolean;
  /** The bridge is talking to the card. */
  inFlight: boolean;
  /** How many times the machine was checked while the bridge worked. */
  look: number;
  seen: Symptom[];
  /** The codes that a banner has announced in this attempt. */
  announced: string[];
  /** It has failed, and was kept across one page change. */
  carried?: boolean;
}

/**
 * Outside e-Tax's own domain, in 作成コーナー, most pages are no login: choice is one with a card button, form one with fields or
 * a long text, step any other.
 * qr: a phone is to read the card.
 */
type PageKind = "login" | "number" | "logged-in" | "choice" | "form" | "step" | "qr" | "corporate" | "other";

type AttemptEvent =
  /** page: the button leads to another page, which takes its time. */
  | { kind: "press"; page?: boolean }
  | { kind: "launch" }
  /** The bridge was asked for something other than a login. */
  | { kind: "busy" }
  /** The bridge has answered a "busy" request. */
  | { kind: "done" }
  /** The page is left while the bridge works. */
  | { kind: "left" }
  | { kind: "answer"; result: string; errcode: string }
  | { kind: "deadline" }
  | { kind: "texts"; texts: PageText[] }
  | { kind: "page"; page: PageKind; texts: PageText[] };

interface Step {
  attempt: Attempt;
  /** Milliseconds until the content script sends "deadline"; null: never; missing: the earlier deadline stays. */
  after?: number | null;
  /** whole: with the card; quiet: without touching it. */
  look: "none" | "quiet" | "whole";
  /** The banner on the page is out of date. */
  hide: boolean;
}

/** What is kept of a tab in storage.session, which outlives the worker, not the browser. */
interface Kept {
  attempt: Attempt;
  /** The last message of the attempt's frame, and its result. */
  page: string;
  seq: number;
  step?: Step;
  /** Where and when the attempt began; see MessageSender.frameId. */
  frame?: number;
  begun?: number;
  /** The message that a banner answered. */
  answeredSeq?: number;
  /** The message and time of the last check. */
  look?: { page: string; seq: number; at: number };
}
type Taken = Step & { page: string; seq: number };
type Take = (kept: Kept, message: PageMessage, frameId: number, deadlines: Deadlines) => { kept: Kept; taken: Taken } | null;

/** From the content script to the worker. page identifies one load of a page, seq numbers its messages. */
interface PageMessage {
  type: "page-event";
  page: string;
  seq: number;
  /** A launch in this document was not answered yet. */
  inFlight: boolean;
  /** When the document was loaded, or came from the back/forward cache. */
  loaded: number;
  /** When the event happened: the worker may take it later. */
  sent: number;
  /** The document is in a frame of a foreign page. */
  foreign: boolean;
  event: AttemptEvent;
}

/** The worker's answer; there is none if the worker was stopped. */
interface PageAnswer {
  after?: number | null;
  banner: Banner | "hide" | null;
}

/** The texts of a banner, in the person's language. */
interface Banner {
  /** The style sheet of the colours, letters and corners. */
  tokens: string;
  language: string;
  state: Status;
  sign: string;
  title: string;
  step: string;
  more: string;
  close: string;
}

/** How the page was opened: PerformanceNavigationTiming.type. */
type PageNavigation = "navigate" | "reload" | "back_forward" | "prerender";

/** What the content script saw on an e-Tax page: no part of a certificate, a signature or a digest. */
interface PageFacts {
  /** The major versions of the bridges that run on the page: the values of the hidden inputs #extension-is-installed. */
  bridges: string[];
  /** The known texts that are visible. */
  texts: PageText[];
  page: PageKind;
  navigation: PageNavigation;
  /** Milliseconds since the page was loaded. */
  age: number;
  cookiesEnabled: boolean;
}

/** The browser's identity as scripts see it. */
interface Agent {
  userAgent: string;
  platform: string;
}

/** Whether a login is in flight on an e-Tax page; unknown if a page does not answer. */
type LoginState = "none" | "in-flight" | "unknown";

/** An extension in this profile, as chrome.management reports it. */
interface ExtensionFacts {
  id: string;
  name: string;
  version: string;
  enabled: boolean;
  disabledReason?: string;
  type: string;
  permissions: string[];
  hostPermissions: string[];
}

/** What the worker knows about the browser and the page that the person is looking at. */
interface BrowserFacts {
  onEtaxPage: boolean;
  incognito: boolean;
  /** null if the page could not be reached. */
  page: PageFacts | null;
  /** The id of the browser in manifests/browsers.json; undefined for another one. */
  browser: string | undefined;
  /** The tabs with pages of the login in windows of the same kind, incognito or not; this tab included. */
  tabs: number;
  /** Another e-Tax tab is logged in. */
  loggedInElsewhere: boolean;
  /** The number of the login's cookies; null if they could not be counted, or the page is no page of the login. */
  cookies: number | null;
  attempt: Attempt;
  /** null without the permission to ask. */
  extensions: ExtensionFacts[] | null;
  /** As the page's own scripts see it; null if they could not be asked. */
  agent: Agent | null;
  ownAgent: Agent;
  /** The age, in milliseconds, from which a page counts as stale. */
  stale: number;
  /** The pages of マイナポータル may be looked at. */
  portalAllowed: boolean;
}

interface BridgeData {
  name: string;
  use: string;
  ids: Record<string, string[]>;
  permissions?: string[];
  newest?: string;
  /** It has to change the user agent. */
  altersAgent?: boolean;
}

interface ConflictData {
  kind: string;
  status: "warning" | "info";
  words: string[];
}

/** A request to the worker, over a port named "diagnosis". */
interface DiagnosisRequest {
  type: "diagnose";
  tabId: number;
  unasked?: boolean;
  symptom?: string;
  field?: boolean;
}

/** The host's part of a report, without the findings; see host/PROTOCOL.md. */
interface HostReport {
  protocol: number;
  version: string;
  simulated: string;
  facts: any;
  timings: Record<string, number>;
  /** Other ways to file the return; an older host sends none. */
  otherWays?: OtherWays;
}

interface OtherWays {
  /** The ways that fit one kind of fault, the best first. */
  groups: Record<string, { title: string; needs: string }[]>;
  /** The group of a verdict; "" for none. */
  codes: Record<string, string>;
  layers: Record<string, string>;
  /** How many days are left, in the season. */
  deadline?: string;
}

type OtherWaysOf = (outcome: Pick<Outcome, "verdict" | "findings" | "host">, texts: Texts) => { ways: { title: string; needs: string }[]; deadline: string };

/** The result of a diagnosis. */
interface Outcome {
  findings: Finding[];
  verdict: Finding;
  /** null if there was no host. */
  host: HostReport | null;
  /** The browser's part of a report; null if the worker was stopped. */
  browser: Record<string, unknown> | null;
  /** The previous check's findings; empty if there was none. */
  before: Finding[];
  /** The record for the developers, if it was asked for and the host knows it; see testdata/FIELD.md. */
  field?: object;
}

interface WatchEvent {
  kind: string;
  reader?: string;
  /** In the requested language. */
  text?: string;
}

/** The worker's messages over the port "diagnosis". */
type DiagnosisEvent =
  | { type: "finding"; finding: Finding }
  /** A finding of the host, with only its code, status and layer: "done" has the rest. */
  | { type: "progress"; finding: Finding }
  | ({ type: "done" } & Outcome);

interface Navigator {
  /** User-agent client hints, which TypeScript's library does not know. */
  readonly userAgentData?: { brands: { brand: string; version: string }[]; platform: string };
}

/** Pure functions from facts to findings. */
type Judge = (facts: BrowserFacts, catalog: Catalog) => Finding[];
type DoorJudge = (facts: BrowserFacts, findings: Finding[], catalog: Catalog) => Finding[];
type BridgeJudge = (facts: BrowserFacts, bridges: BridgeData[], catalog: Catalog) => Finding[];

/** What an event does to a login attempt. */
type StepOf<Event> = (attempt: Attempt, event: Event, deadlines: Deadlines) => Step;

/** Functions with several arguments. */
type Announce = (tabId: number, documentId: string | undefined, taken: {attempt: Attempt, page: string, seq: number}, findings: Finding[], verdict: Finding) => Promise<Banner | "hide" | null>;
type Announcement = (attempt: Attempt, findings: Finding[], verdict: Finding, catalog: Catalog) => Finding | null;
type Changes = (before: Finding[], now: Finding[], catalog: Catalog, texts: Texts) => string[];
type ReportText = (run: Run, catalog: Catalog, texts: Texts) => string;
type ConflictJudge = (facts: BrowserFacts, known: {hosts: string[], own: string, bridges: BridgeData[], kinds: ConflictData[]}, catalog: Catalog) => Finding[];
type Apart = (findings: Finding[], main: Finding, catalog: Catalog) => Finding[];

/** A diagnosis, with its time and versions. */
interface Run {
  /** ISO 8601, UTC, to the second. */
  generatedAt: string;
  /** Our version. */
  extension: string;
  findings: Finding[];
  verdict: Finding;
  host: HostReport | null;
  browser: Record<string, unknown> | null;
}

/** What is asked of the host: see host/PROTOCOL.md. */
interface DiagnoseRequest {
  loginInFlight: boolean;
  unasked?: boolean;
  browser?: string;
  bridge?: string;
  clockAhead?: number;
  language?: string;
  symptom?: string;
  field?: boolean;
}

type OnFinding = (finding: Finding) => void;
type MakeDiagnose = () => DiagnoseRequest;
type MakeRequest = () => { type: string } & Record<string, unknown>;

interface HostAnswer {
  protocol: number;
  findings: Finding[];
  report: HostReport;
  field?: object;
}

interface DiagnosisOptions {
  /** Leave the card alone whatever the pages say. */
  quiet?: boolean;
  /** Nobody has pressed a button. */
  unasked?: boolean;
  /** What the person has reported. */
  symptom?: string;
  /** Also make the record for the developers. */
  field?: boolean;
}
