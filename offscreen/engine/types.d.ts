/** Types of the engine worker's two channels and of its parts. */

import type { EngineState, ErrorData } from "../../shared/contract";

export type EngineErrorCode =
  | "no_webgpu"
  | "no_adapter"
  | "device_lost"
  | "out_of_memory"
  | "missing_feature"
  | "model_files_missing"
  | "unknown_model"
  | "load_failed"
  | "context_too_long"
  | "bad_grammar"
  | "bad_request"
  | "engine_failed";

export interface DeviceInfo {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  is_fallback: boolean;
  shader_f16: boolean;
  features: string[];
  /** WebGPU limits by their own names, in bytes or counts. */
  limits: Record<string, number>;
}

export interface ModelFile {
  path: string;
  role: "config" | "tokenizer" | "weights_index" | "weights" | "library";
  bytes: number;
  sha256: string;
}

export interface ModelEntry {
  id: string;
  name: string;
  label: string;
  model_path: string;
  library_path: string;
  context_window_tokens: number;
  control_tokens: string[];
  required_features: string[];
  files: ModelFile[];
}

/** The `conv_template` of mlc-chat-config.json, as far as it is read here. */
export interface ConvTemplate {
  system_template: string;
  system_message: string;
  roles: Record<string, string>;
  role_templates?: Record<string, string>;
  seps: string[];
  add_role_after_system_message?: boolean;
  stop_str: string[];
  stop_token_ids: number[];
}

/** Control channel, offscreen document to worker. */
export type ControlRequest =
  | {
      type: "engine.load";
      model_id: string;
      /** URL of the folder with manifest.json; default: the package's `models/`. */
      base_url?: string | null;
      context_window_tokens?: number | null;
    }
  | { type: "engine.unload" }
  | { type: "engine.detect" }
  /** The port is the message's first transferred port. */
  | { type: "engine.attach_port" };

/** Control channel, worker to offscreen document. */
export type StateMessage = { type: "engine.state" } & EngineState;

export type GenerateRequest = {
  type: "engine.generate";
  call_id: string;
  model_id: string;
  messages: { role: string; content: string }[];
  options: GenerateOptions;
};

export type CountRequest = Pick<GenerateRequest, "call_id" | "model_id" | "messages"> & {
  type: "engine.count";
};

export interface GenerateOptions {
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  seed?: number | null;
  stop?: string[];
  grammar?: string | null;
  structural_tag?: string | null;
  json_schema?: string | null;
  logprobs?: boolean;
  top_logprobs?: number;
}

export interface Usage {
  /** Tokens of the whole prompt, reused ones included. */
  prompt_tokens: number;
  /** Tokens fed in this call; less than `prompt_tokens` when the KV cache was reused. */
  prefilled_tokens: number;
  /** Sampled tokens, the end-of-turn token included. */
  completion_tokens: number;
  time_to_first_token_s: number | null;
  prefill_tokens_per_s: number | null;
  decode_tokens_per_s: number | null;
  grammar_init_s: number | null;
}

export interface TokenLogprob {
  token: string;
  logprob: number;
  top: { token: string; logprob: number }[];
}

export type CallMessage =
  | { type: "engine.delta"; call_id: string; text: string; tokens: number }
  | {
      type: "engine.done";
      call_id: string;
      text: string;
      finish_reason: "stop" | "length" | "abort";
      usage: Usage;
      logprobs: TokenLogprob[] | null;
    }
  | { type: "engine.counted"; call_id: string; tokens: number }
  | { type: "engine.error"; call_id: string; error: ErrorData };
