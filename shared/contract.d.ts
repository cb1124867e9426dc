// Generated from python/sidelight/contract/ by `python -m tools.contract`. Never edited.
export type EngineToPython = (EngineDelta | EngineDone | EngineFailed)
export type PanelToOffscreen = (Attach | RunTurn | StopTurn | DecideApproval | ListConversations | ReadConversation | DeleteConversation | ReadState | LoadModel)
export type PythonToEngine = (EngineGenerate | EngineInterrupt)
export type PythonToOffscreen = (PythonEvents | AskApproval | ExecuteTool)
export type ToBackground = (EnsureOffscreen | ReadPage | ReadPageState | TakeHandoff)
export type ToPanel = (TurnEvents | AppStateChanged | ConversationsChanged | PageStateChanged | HandoffReady)
export type ToPython = (PythonRunTurn | PythonCancelTurn | PythonCloseConversation)
export type TurnEventBody = (TurnStarted | TurnStatus | TurnContext | TurnBlockStart | TurnDelta | TurnToolCall | TurnToolResult | TurnApprovalRequested | TurnApprovalDecided | TurnUsage | TurnNotice | TurnFinished)

export interface Sidelight {
Ack: Ack
ActiveTurn: ActiveTurn
AppState: AppState
AppStateChanged: AppStateChanged
Approval: Approval
ApprovalDecision: ApprovalDecision
AskApproval: AskApproval
Attach: Attach
AttachResult: AttachResult
ChatMessage: ChatMessage
ContextBlock: ContextBlock
ContextRef: ContextRef
Conversation: Conversation
ConversationList: ConversationList
ConversationSummary: ConversationSummary
ConversationsChanged: ConversationsChanged
DecideApproval: DecideApproval
DeleteConversation: DeleteConversation
Effect: Effect
EngineDelta: EngineDelta
EngineDone: EngineDone
EngineFailed: EngineFailed
EngineGenerate: EngineGenerate
EngineInterrupt: EngineInterrupt
EngineState: EngineState
EngineToPython: EngineToPython
EngineUsage: EngineUsage
EnsureOffscreen: EnsureOffscreen
ErrorData: ErrorData
ExecuteTool: ExecuteTool
Frame: Frame
GenerateOptions: GenerateOptions
Handoff: Handoff
HandoffReady: HandoffReady
HandoffResult: HandoffResult
ListConversations: ListConversations
LoadModel: LoadModel
ModelInfo: ModelInfo
NoticeItem: NoticeItem
PageRef: PageRef
PageState: PageState
PageStateChanged: PageStateChanged
PageText: PageText
PanelToOffscreen: PanelToOffscreen
PythonCancelTurn: PythonCancelTurn
PythonCloseConversation: PythonCloseConversation
PythonEvents: PythonEvents
PythonRunTurn: PythonRunTurn
PythonState: PythonState
PythonToEngine: PythonToEngine
PythonToOffscreen: PythonToOffscreen
ReadConversation: ReadConversation
ReadPage: ReadPage
ReadPageState: ReadPageState
ReadState: ReadState
Reply: Reply
RunTurn: RunTurn
RunTurnResult: RunTurnResult
StopTurn: StopTurn
StoredMessage: StoredMessage
TabChanged: TabChanged
TakeHandoff: TakeHandoff
TextItem: TextItem
ToBackground: ToBackground
ToPanel: ToPanel
ToPython: ToPython
Todo: Todo
ToolItem: ToolItem
ToolOutput: ToolOutput
TurnApprovalDecided: TurnApprovalDecided
TurnApprovalRequested: TurnApprovalRequested
TurnBlockStart: TurnBlockStart
TurnContext: TurnContext
TurnDelta: TurnDelta
TurnEvent: TurnEvent
TurnEventBody: TurnEventBody
TurnEvents: TurnEvents
TurnFinished: TurnFinished
TurnNotice: TurnNotice
TurnOptions: TurnOptions
TurnStarted: TurnStarted
TurnStatus: TurnStatus
TurnToolCall: TurnToolCall
TurnToolResult: TurnToolResult
TurnUsage: TurnUsage
Usage: Usage
}
export interface Ack {
done: boolean
}
/**
 * A turn that is running or waiting for the engine.
 */
export interface ActiveTurn {
turn_id: string
conversation_id: string
place: number
last_seq: number
}
/**
 * All that a panel needs to draw its state line.
 */
export interface AppState {
engine: EngineState
python: PythonState
models: ModelInfo[]
model_id: string
active_turns: ActiveTurn[]
}
/**
 * State of the WebGPU engine; ``progress`` is 0 to 1 within ``stage``.
 */
export interface EngineState {
state: ("idle" | "loading" | "ready" | "failed")
model_id?: (string | null)
stage?: (("detect" | "fetch" | "upload" | "compile" | "warm_up") | null)
progress?: number
loaded_bytes?: (number | null)
total_bytes?: (number | null)
elapsed_s?: number
error?: (ErrorData | null)
device?: ({
[k: string]: unknown
} | null)
}
/**
 * An error as data: what happened, what to do, whether trying again can help.
 */
export interface ErrorData {
code: string
message: string
hint: string
retryable: boolean
retry_after_s?: (number | null)
}
/**
 * State of the Pyodide worker. ``ready_ms`` is the time from start to ready.
 */
export interface PythonState {
state: ("idle" | "starting" | "ready" | "failed")
stage?: (string | null)
ready_ms?: (number | null)
snapshot_used?: (boolean | null)
error?: (ErrorData | null)
}
/**
 * A model that can answer: what it is, and what it honestly is not.
 */
export interface ModelInfo {
model_id: string
label: string
family: string
description: string
size_bytes: number
context_window_tokens: number
embedded: boolean
}
export interface AppStateChanged {
type: "panel.app_state"
app: AppState
}
/**
 * A tool call that waits for the user's click.
 */
export interface Approval {
approval_id: string
conversation_id: string
turn_id: string
tool_call_id: string
tool_name: string
arguments: {
[k: string]: unknown
}
effect: Effect
page?: (PageRef | null)
asked_at_ms: number
timeout_s: number
}
/**
 * What a tool call will do, in plain words, for the approval card.
 */
export interface Effect {
title: string
detail: string
target_origin: (string | null)
reads: boolean
writes: boolean
sends: boolean
runs_code: boolean
}
/**
 * One document in one tab; ``document_id`` changes with every navigation.
 */
export interface PageRef {
tab_id: number
document_id?: (string | null)
origin: string
title?: (string | null)
}
/**
 * ``ticket_id`` is present exactly when the decision is allow.
 */
export interface ApprovalDecision {
decision: ("allow" | "deny")
decided_by: ("user" | "timeout" | "page_changed" | "stop")
ticket_id: (string | null)
}
export interface AskApproval {
type: "offscreen.ask_approval"
approval: Approval
}
/**
 * A panel announces itself and gets what it missed: events after ``last_seq``.
 */
export interface Attach {
type: "offscreen.attach"
conversation_id: (string | null)
turn_id: (string | null)
last_seq: number
}
export interface AttachResult {
app: AppState
conversation: (Conversation | null)
turn_id: (string | null)
events: TurnEvent[]
approvals: Approval[]
}
export interface Conversation {
summary: ConversationSummary
messages: StoredMessage[]
}
export interface ConversationSummary {
conversation_id: string
title: string
created_at_ms: number
updated_at_ms: number
message_count: number
}
/**
 * A message of a conversation; messages form a tree by ``parent_id``.
 * 
 * An answer is its ``items``, in the order in which they came. ``thinking``, ``thinking_blocks``,
 * ``tools`` and ``tool_results`` are read of answers that were stored before there were items;
 * ``notices`` also holds what was added after the turn.
 */
export interface StoredMessage {
message_id: string
conversation_id: string
parent_id: (string | null)
role: ("user" | "assistant")
text: string
items?: (TextItem | ToolItem | NoticeItem)[]
thinking?: string
thinking_blocks?: number[]
created_at_ms: number
turn_id?: (string | null)
status?: ("complete" | "streaming" | "stopped" | "failed")
model_id?: (string | null)
context?: TurnContext[]
tools?: TurnToolCall[]
tool_results?: TurnToolResult[]
notices?: TurnNotice[]
usage?: (Usage | null)
error?: (ErrorData | null)
transcript?: {
[k: string]: unknown
}[]
}
/**
 * One block of an answer's words or thinking; ``done`` when no more of it will come.
 */
export interface TextItem {
kind: ("text" | "thinking")
block_index: number
text: string
done: boolean
}
/**
 * A tool call and what became of it: asked, decided, run.
 */
export interface ToolItem {
kind: "tool"
call: TurnToolCall
result: (TurnToolResult | null)
approval: (Approval | null)
decision: (TurnApprovalDecided | null)
}
export interface TurnToolCall {
type: "turn.tool_call"
tool_call_id: string
tool_name: string
arguments: {
[k: string]: unknown
}
}
export interface TurnToolResult {
type: "turn.tool_result"
tool_call_id: string
tool_name: string
status: ("ok" | "denied" | "timed_out" | "error")
text: string
}
export interface TurnApprovalDecided {
type: "turn.approval_decided"
approval_id: string
decision: ("allow" | "deny")
decided_by: ("user" | "timeout" | "page_changed" | "stop")
}
export interface NoticeItem {
kind: "notice"
notice: TurnNotice
}
/**
 * Something was left out or done differently, and the user is told.
 */
export interface TurnNotice {
type: "turn.notice"
code: string
message: string
}
/**
 * A context block that went into the prompt (its text is left out), with the share read.
 */
export interface TurnContext {
type: "turn.context"
kind: string
origin: string
title: string
url: string
read_chars: number
total_chars: number
}
/**
 * Token counts and speeds of one turn, as the engine reports them.
 * 
 * ``prompt_tokens`` is the whole prompt, ``prefilled_tokens`` the part that was not in the KV
 * cache. Counts are summed over the turn's model calls; speeds are those of the last call.
 */
export interface Usage {
prompt_tokens: number
prefilled_tokens: number
completion_tokens: number
time_to_first_token_s?: (number | null)
prefill_tokens_per_s?: (number | null)
decode_tokens_per_s?: (number | null)
model_calls?: number
}
/**
 * One event; ``seq`` counts from 0 within the turn, without gaps.
 */
export interface TurnEvent {
turn_id: string
seq: number
event: (TurnStarted | TurnStatus | TurnContext | TurnBlockStart | TurnDelta | TurnToolCall | TurnToolResult | TurnApprovalRequested | TurnApprovalDecided | TurnUsage | TurnNotice | TurnFinished)
}
export interface TurnStarted {
type: "turn.started"
conversation_id: string
user_message_id: string
assistant_message_id: string
model_id: string
}
/**
 * What the turn is doing now. ``place`` counts the turns before it (stage queued).
 */
export interface TurnStatus {
type: "turn.status"
stage: ("queued" | "reading_page" | "starting_python" | "loading_model" | "prefill" | "decode" | "tool" | "waiting_approval")
detail?: string
place?: (number | null)
prompt_tokens?: (number | null)
}
export interface TurnBlockStart {
type: "turn.block_start"
block_index: number
block_type: ("text" | "thinking")
}
export interface TurnDelta {
type: "turn.delta"
block_index: number
text: string
}
export interface TurnApprovalRequested {
type: "turn.approval_requested"
approval: Approval
}
export interface TurnUsage {
type: "turn.usage"
usage: Usage
}
/**
 * The last event of a turn. ``transcript`` holds the provider-level messages it added.
 */
export interface TurnFinished {
type: "turn.finished"
status: ("completed" | "stopped" | "failed")
text: string
error?: (ErrorData | null)
usage?: (Usage | null)
transcript?: {
[k: string]: unknown
}[]
}
export interface ChatMessage {
role: ("system" | "user" | "assistant" | "tool")
content: string
}
/**
 * A piece of context with its label. ``text`` is untrusted unless ``trust`` says otherwise.
 */
export interface ContextBlock {
kind: ("page" | "selection" | "file" | "tool_result")
origin: string
trust: ("user" | "untrusted")
title: string
url: string
text: string
total_chars: number
truncated: boolean
}
/**
 * What the user attached to a message: the page by reference, or the selected text itself.
 */
export interface ContextRef {
kind: ("page" | "selection")
page?: (PageRef | null)
block?: (ContextBlock | null)
}
export interface ConversationList {
conversations: ConversationSummary[]
}
export interface ConversationsChanged {
type: "panel.conversations_changed"
}
/**
 * The user's click on a card: the only thing that mints a ticket.
 */
export interface DecideApproval {
type: "offscreen.decide_approval"
approval_id: string
decision: ("allow" | "deny")
}
export interface DeleteConversation {
type: "offscreen.delete_conversation"
conversation_id: string
}
export interface EngineDelta {
type: "engine.delta"
call_id: string
text: string
tokens: number
}
export interface EngineDone {
type: "engine.done"
call_id: string
text: string
finish_reason: ("stop" | "length" | "abort")
usage: EngineUsage
logprobs?: ({
[k: string]: unknown
}[] | null)
}
export interface EngineUsage {
prompt_tokens: number
prefilled_tokens: number
completion_tokens: number
time_to_first_token_s?: (number | null)
prefill_tokens_per_s?: (number | null)
decode_tokens_per_s?: (number | null)
grammar_init_s?: (number | null)
}
export interface EngineFailed {
type: "engine.error"
call_id: string
error: ErrorData
}
export interface EngineGenerate {
type: "engine.generate"
call_id: string
model_id: string
messages: ChatMessage[]
options: GenerateOptions
}
/**
 * Sampling of one model call; at most one of ``grammar`` (EBNF) and ``json_schema``.
 */
export interface GenerateOptions {
temperature?: number
top_p?: number
max_tokens?: number
seed?: (number | null)
stop?: string[]
grammar?: (string | null)
json_schema?: (string | null)
logprobs?: boolean
top_logprobs?: number
}
export interface EngineInterrupt {
type: "engine.interrupt"
call_id: string
}
export interface EnsureOffscreen {
type: "background.ensure_offscreen"
}
/**
 * Run a tool's effect on the JavaScript side. ``ticket_id`` is checked there, whatever
 * Python's policy said; tools whose effects need no approval pass None.
 */
export interface ExecuteTool {
type: "offscreen.execute_tool"
conversation_id: string
turn_id: string
tool_call_id: string
tool_name: string
arguments: {
[k: string]: unknown
}
page: (PageRef | null)
ticket_id: (string | null)
}
/**
 * The envelope. With ``id`` it is a request and gets one reply; without, a notification.
 */
export interface Frame {
v: 1
id?: (string | null)
body: {
[k: string]: unknown
}
}
/**
 * A job started outside the panel, such as the context menu, parked for it.
 */
export interface Handoff {
handoff_id: string
kind: "summarize_selection"
text: string
block: ContextBlock
page: PageRef
}
export interface HandoffReady {
type: "panel.handoff_ready"
window_id: number
}
export interface HandoffResult {
handoff: (Handoff | null)
}
export interface ListConversations {
type: "offscreen.list_conversations"
}
export interface LoadModel {
type: "offscreen.load_model"
model_id: string
}
/**
 * The page chip: can the active tab of a window be read, and if not, why and what helps.
 */
export interface PageState {
state: ("readable" | "needs_click" | "unreadable" | "changed")
reason: string
hint: string
title: string
host: string
page?: (PageRef | null)
can_request_origin?: boolean
}
/**
 * The active tab of a window changed; the panel asks for the new state.
 */
export interface PageStateChanged {
type: "panel.page_changed"
window_id: number
}
export interface PageText {
block: ContextBlock
page: PageRef
}
/**
 * Ask. The user's message is stored, strictly, before anything else happens.
 * 
 * ``page`` is the page the panel shows in its chip: what a tool means by "this page".
 */
export interface RunTurn {
type: "offscreen.run_turn"
turn_id: string
conversation_id: string
parent_id: (string | null)
text: string
/**
 * @maxItems 8
 */
context_refs: []|[ContextRef]|[ContextRef, ContextRef]|[ContextRef, ContextRef, ContextRef]|[ContextRef, ContextRef, ContextRef, ContextRef]|[ContextRef, ContextRef, ContextRef, ContextRef, ContextRef]|[ContextRef, ContextRef, ContextRef, ContextRef, ContextRef, ContextRef]|[ContextRef, ContextRef, ContextRef, ContextRef, ContextRef, ContextRef, ContextRef]|[ContextRef, ContextRef, ContextRef, ContextRef, ContextRef, ContextRef, ContextRef, ContextRef]
page: (PageRef | null)
model_id: string
options: TurnOptions
}
/**
 * Settings of one turn. ``tool_choice`` is auto, none, required or a tool's name.
 */
export interface TurnOptions {
temperature?: number
top_p?: number
max_tokens?: number
seed?: (number | null)
tool_choice?: string
approval_timeout_s?: number
}
export interface StopTurn {
type: "offscreen.stop_turn"
turn_id: string
}
export interface ReadConversation {
type: "offscreen.read_conversation"
conversation_id: string
}
export interface ReadState {
type: "offscreen.read_state"
}
export interface PythonCancelTurn {
type: "python.cancel_turn"
turn_id: string
immediate: boolean
}
export interface PythonCloseConversation {
type: "python.close_conversation"
conversation_id: string
}
/**
 * Events of a turn without ``seq``: the journal numbers them.
 */
export interface PythonEvents {
type: "offscreen.python_events"
turn_id: string
events: (TurnStarted | TurnStatus | TurnContext | TurnBlockStart | TurnDelta | TurnToolCall | TurnToolResult | TurnApprovalRequested | TurnApprovalDecided | TurnUsage | TurnNotice | TurnFinished)[]
}
/**
 * Run one turn. ``transcript`` is that of the parent chain, oldest first.
 */
export interface PythonRunTurn {
type: "python.run_turn"
turn_id: string
conversation_id: string
parent_id: (string | null)
user_message_id: string
assistant_message_id: string
text: string
context_blocks: ContextBlock[]
page: (PageRef | null)
model: ModelInfo
options: TurnOptions
transcript: {
[k: string]: unknown
}[]
}
/**
 * Read the text of a tab. ``document_id`` given and no longer there: error page_changed.
 */
export interface ReadPage {
type: "background.read_page"
page: PageRef
mode: ("page" | "selection")
}
export interface ReadPageState {
type: "background.page_state"
window_id: number
read_document_id?: (string | null)
}
/**
 * The one answer to a request: a result, or an error as data.
 */
export interface Reply {
v: 1
reply_to: string
ok: boolean
result?: ({
[k: string]: unknown
} | null)
error?: (ErrorData | null)
}
export interface RunTurnResult {
turn_id: string
user_message_id: string
assistant_message_id: string
place: number
}
/**
 * Background tells: the document of a tab changed or went; its approvals are denied.
 */
export interface TabChanged {
type: "offscreen.tab_changed"
tab_id: number
document_id: (string | null)
origin: (string | null)
}
export interface TakeHandoff {
type: "background.take_handoff"
window_id: number
}
/**
 * A batch of events of one turn, at most one batch per 16 ms.
 */
export interface TurnEvents {
type: "panel.turn_events"
conversation_id: string
turn_id: string
events: TurnEvent[]
}
/**
 * One to-do item; ``number`` counts from 1 and is never reused.
 */
export interface Todo {
number: number
text: string
done: boolean
}
/**
 * Exactly one of the fields is set.
 */
export interface ToolOutput {
block?: (ContextBlock | null)
todos?: (Todo[] | null)
}

export interface Requests {
  "background.ensure_offscreen": { request: EnsureOffscreen; result: Ack };
  "background.page_state": { request: ReadPageState; result: PageState };
  "background.read_page": { request: ReadPage; result: PageText };
  "background.take_handoff": { request: TakeHandoff; result: HandoffResult };
  "offscreen.ask_approval": { request: AskApproval; result: ApprovalDecision };
  "offscreen.attach": { request: Attach; result: AttachResult };
  "offscreen.decide_approval": { request: DecideApproval; result: Ack };
  "offscreen.delete_conversation": { request: DeleteConversation; result: Ack };
  "offscreen.execute_tool": { request: ExecuteTool; result: ToolOutput };
  "offscreen.list_conversations": { request: ListConversations; result: ConversationList };
  "offscreen.load_model": { request: LoadModel; result: Ack };
  "offscreen.read_conversation": { request: ReadConversation; result: Conversation };
  "offscreen.read_state": { request: ReadState; result: AppState };
  "offscreen.run_turn": { request: RunTurn; result: RunTurnResult };
  "offscreen.stop_turn": { request: StopTurn; result: Ack };
  "offscreen.tab_changed": { request: TabChanged; result: Ack };
  "python.cancel_turn": { request: PythonCancelTurn; result: Ack };
  "python.close_conversation": { request: PythonCloseConversation; result: Ack };
  "python.run_turn": { request: PythonRunTurn; result: Ack };
}

export interface Notifications {
  "offscreen.python_events": PythonEvents;
  "panel.app_state": AppStateChanged;
  "panel.conversations_changed": ConversationsChanged;
  "panel.handoff_ready": HandoffReady;
  "panel.page_changed": PageStateChanged;
  "panel.turn_events": TurnEvents;
}
