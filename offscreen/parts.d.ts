import type { Notifications } from "../shared/contract.js";
import type { Approvals } from "./approvals.js";
import type { Choices } from "./choices.js";
import type { EngineHost } from "./engine-host.js";
import type { PythonHost } from "./python-host.js";
import type { Storage } from "./storage/client.js";

/** What the run queue works with. */
export interface Parts {
  storage: Storage;
  engine: EngineHost;
  python: PythonHost;
  approvals: Approvals;
  choices: Choices;
  push(body: Notifications[keyof Notifications]): void;
  pushState(): void;
}
