/** What the panel keeps in memory. Everything that crosses a process border is in shared/contract.d.ts. */
import type {
  AppState,
  ContextBlock,
  ContextRef,
  ConversationSummary,
  Decision,
  ErrorData,
  LedgerEntry,
  NoticeItem,
  PageState,
  Settings,
  TextItem,
  ToolItem,
  TurnContext,
  TurnStatus,
  Usage,
} from "../shared/contract.js";

export type Item = TextItem | ToolItem | NoticeItem;

/** One message as shown. Elements redraw from it; `items` only grows while a turn runs. */
export interface MessageView {
  /** Stable for the element that shows it, before and after the message has its stored id. */
  key: string;
  message_id: string | null;
  parent_id: string | null;
  turn_id: string | null;
  role: "user" | "assistant";
  /** The user's words; an answer's words are in `items`. */
  text: string;
  items: Item[];
  context: TurnContext[];
  status: "pending" | "streaming" | "complete" | "stopped" | "failed";
  stage: TurnStatus | null;
  stage_since_ms: number;
  model_id: string | null;
  usage: Usage | null;
  error: ErrorData | null;
  /** What was attached, while this panel still knows it; null after a restart. */
  refs: ContextRef[] | null;
  tool_choice: string;
}

/** The running turn of the open conversation. */
export interface LiveTurn {
  turn_id: string;
  last_seq: number;
  view: MessageView;
  /** run_turn went out on a connection. */
  sent: boolean;
  /** The assistant answered run_turn, or sent an event: the message is stored. */
  accepted: boolean;
  stopping: boolean;
}

/** The exact text that the user chose in "What is read", to be sent as it was shown. */
export interface Reading {
  document_id: string;
  /** Names the choice on the chip. */
  label: string;
  block: ContextBlock;
}

export interface AttachChoice {
  on: boolean;
  /** The choice holds for this origin only. */
  origin: string | null;
  /** The document that was last read in this conversation. */
  read_document_id: string | null;
}

export interface PanelState {
  window_id: number | null;
  link: "connecting" | "open" | "lost";
  link_error: ErrorData | null;
  app: AppState | null;
  model_id: string | null;
  page: PageState | null;
  choice: AttachChoice;
  reading: Reading | null;
  conversation_id: string;
  /** Begun in this panel: nothing of it can be missing. */
  is_new: boolean;
  /** Why the conversation could not be opened; nothing of it is shown then. */
  open_error: ErrorData | null;
  title: string;
  messages: MessageView[];
  live: LiveTurn | null;
  /** The open conversation came from a file. */
  imported: boolean;
  conversations: ConversationSummary[] | null;
  /** As the background worker, their owner, told them last. */
  settings: Settings | null;
  settings_error: ErrorData | null;
  /** Null until they were read. */
  decisions: Decision[] | null;
  decisions_error: ErrorData | null;
  /** Read while the list of what was sent is shown. */
  ledger: LedgerEntry[] | null;
  ledger_error: ErrorData | null;
  /** Which conversations, the open one among them, wait for a decision: approval id to conversation id. */
  waiting_elsewhere: Map<string, string>;
}

/** What the composer or a suggestion asks for. */
export interface Ask {
  text: string;
  /** Attach the page of the chip. */
  with_page: boolean;
  tool_choice?: string;
  /** Given for a retry and a handoff; replaces `with_page`. */
  refs?: ContextRef[];
  /** Given for a retry: null is the root. */
  parent_id?: string | null;
}
