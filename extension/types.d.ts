// Shapes that the extension's parts hand to each other. Those of the host are written down in host/PROTOCOL.md.

export type Status = "ok" | "info" | "warning" | "failure" | "skipped" | "unknown";

export interface Finding {
  code: string;
  status: Status;
  layer: string;
  args?: Record<string, string>;
  skippedBecause?: string;
  explainedBy?: string[];
}

export interface CatalogEntry {
  code: string;
  layer: string;
  class: string;
  difficulty: string;
  repair?: string;
  links?: string[];
}

export interface CatalogData {
  layers: string[];
  codes: CatalogEntry[];
}

/** What the content script saw on an e-Tax page. Never anything of a certificate, a signature or a digest. */
export interface PageFacts {
  /** The value of the bridge's hidden input #extension-is-installed, or null where it is missing. */
  bridgeVersion: string | null;
  /** launchApp was seen and recvMsg was not: the bridge is talking to the card. */
  loginInFlight: boolean;
}

/** Whether a login is under way on an e-Tax page, as far as the pages answer. */
export type LoginState = "none" | "in-flight" | "unknown";

/** What the worker knows of the page that the person is looking at. */
export interface BrowserFacts {
  onEtaxPage: boolean;
  incognito: boolean;
  /** null where the page could not be reached. */
  page: PageFacts | null;
}

/** What the popup asks of the worker, over a port named "diagnosis". */
export interface DiagnosisRequest {
  type: "diagnose";
  tabId: number;
}

/** What the worker tells the popup. */
export type DiagnosisEvent =
  | { type: "finding"; finding: Finding }
  | { type: "done"; findings: Finding[]; verdict: Finding };
