/** Reads one file of the bundle. */
export type ReadFile = (url: string) => Promise<ArrayBuffer | Uint8Array>;

/** Progress: "code", "load", "unpack", "import", then "ready". */
export type Stage = "code" | "load" | "unpack" | "import" | "ready" | (string & {});

export interface BootOptions {
  /** URL of the folder with pyodide.mjs, site.zip, app.zip and snapshot.bin; ends in a slash. */
  base: string;
  onStage?: (stage: Stage) => void;
  stdout?: (line: string) => void;
  stderr?: (line: string) => void;
  /** What `import js` shows to Python. Default: nothing. */
  jsglobals?: object;
  /** False starts without the snapshot. */
  snapshot?: boolean;
  /** More archives of the same folder to unpack, for tests. */
  archives?: string[];
  /** Replaces fetch, for Node. */
  readFile?: ReadFile;
  /** Where Pyodide finds its own files when that is not `base`, for Node. */
  indexURL?: string;
}

export interface Booted {
  /** Pyodide; amplifier_core is imported. */
  py: import("pyodide").PyodideAPI;
  /** Milliseconds: code_ms, load_ms, unpack_ms, import_ms, total_ms. */
  timings: Record<string, number>;
  snapshot_used: boolean;
  /** Why the snapshot was not used; null when it was. */
  fallback_reason: string | null;
}

/** Starts Python. Rejects with the reason when even the normal start fails. */
export function bootPython(options: BootOptions): Promise<Booted>;

export const SITE_PACKAGES: string;
export const LOCK: object;
