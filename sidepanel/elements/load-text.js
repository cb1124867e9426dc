/** The engine's load in words: stage, share, megabytes, seconds. */
import { S } from "../strings.js";

/** @param {import("../../shared/contract.js").EngineState} engine */
export function loadText(engine) {
  const { stage, progress = 0, loaded_bytes, total_bytes, elapsed_s = 0 } = engine;
  const share = progress > 0 ? ` ${S.load_percent(progress)}` : "";
  return [
    `${stage ? S.load_stage[stage] : S.engine.loading}${share}`,
    loaded_bytes && total_bytes ? S.load_bytes(loaded_bytes, total_bytes) : "",
    elapsed_s >= 1 ? S.load_seconds(elapsed_s) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}
