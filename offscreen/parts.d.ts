import type { ModelInfo, Notifications } from "../shared/contract.js";
import type { Approvals } from "./approvals.js";
import type { EngineHost } from "./engine-host.js";
import type { PythonHost } from "./python-host.js";
import type { Storage } from "./storage/client.js";

/** What the run queue works with. */
export interface Parts {
  storage: Storage;
  engine: EngineHost;
  python: PythonHost;
  approvals: Approvals;
  models: ModelInfo[];
  push(body: Notifications[keyof Notifications]): void;
  pushState(): void;
}
