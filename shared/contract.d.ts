// Generated from python/sidelight/contract/ by `python -m tools.contract`. Never edited.
export type EngineToPython = (EngineDelta | EngineDone | EngineCounted | EngineFailed)
export type PanelToOffscreen = (Attach | RunTurn | StopTurn | DecideApproval | ListConversations | ReadConversation | DeleteConversation | ReadState | LoadModel | ListDecisions | UndoDecision | ListLedger | ClearLedger | ConnectServer | ExportConversations | ImportConversations)
export type PythonToEngine = (EngineGenerate | EngineCount | EngineInterrupt)
export type PythonToOffscreen = (PythonEvents | AskApproval | ExecuteTool | HttpSend | HttpCancel | BuiltinGenerate | BuiltinCancel)
export type ToBackground = (EnsureOffscreen | ReadPage | ReadPageState | TakeHandoff | ReadSettings | SetLevel | SetLocalChanges | SetPersonas | SaveServer | RemoveServer | WriteServerModels | ReadKey)
export type ToPanel = (TurnEvents | AppStateChanged | ConversationsChanged | PageStateChanged | HandoffReady | SettingsChanged | DecisionsChanged | LedgerChanged)
export type ToPython = (PythonRunTurn | PythonCancelTurn | PythonCloseConversation | HttpChunk | HttpEnd | BuiltinChunk | BuiltinEnd)
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
BuiltinCancel: BuiltinCancel
BuiltinChunk: BuiltinChunk
BuiltinEnd: BuiltinEnd
BuiltinGenerate: BuiltinGenerate
BuiltinUsage: BuiltinUsage
ChatMessage: ChatMessage
ClearLedger: ClearLedger
ConnectServer: ConnectServer
ContextBlock: ContextBlock
ContextRef: ContextRef
Conversation: Conversation
ConversationFile: ConversationFile
ConversationList: ConversationList
ConversationSummary: ConversationSummary
ConversationsChanged: ConversationsChanged
DecideApproval: DecideApproval
Decision: Decision
DecisionList: DecisionList
DecisionsChanged: DecisionsChanged
DeleteConversation: DeleteConversation
DroppedText: DroppedText
Effect: Effect
EngineCount: EngineCount
EngineCounted: EngineCounted
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
ExportConversations: ExportConversations
Frame: Frame
GenerateOptions: GenerateOptions
Handoff: Handoff
HandoffReady: HandoffReady
HandoffResult: HandoffResult
HttpCancel: HttpCancel
HttpChunk: HttpChunk
HttpEnd: HttpEnd
HttpHead: HttpHead
HttpSend: HttpSend
ImportConversations: ImportConversations
ImportResult: ImportResult
KeyResult: KeyResult
Label: Label
LedgerChanged: LedgerChanged
LedgerEntry: LedgerEntry
LedgerList: LedgerList
ListConversations: ListConversations
ListDecisions: ListDecisions
ListLedger: ListLedger
LoadModel: LoadModel
ModelInfo: ModelInfo
ModelOffer: ModelOffer
NoticeItem: NoticeItem
PageRef: PageRef
PageSection: PageSection
PageShare: PageShare
PageState: PageState
PageStateChanged: PageStateChanged
PageText: PageText
PanelToOffscreen: PanelToOffscreen
Persona: Persona
PythonCancelTurn: PythonCancelTurn
PythonCloseConversation: PythonCloseConversation
PythonEvents: PythonEvents
PythonRunTurn: PythonRunTurn
PythonState: PythonState
PythonToEngine: PythonToEngine
PythonToOffscreen: PythonToOffscreen
ReadConversation: ReadConversation
ReadKey: ReadKey
ReadPage: ReadPage
ReadPageState: ReadPageState
ReadSettings: ReadSettings
ReadState: ReadState
RemoveServer: RemoveServer
Reply: Reply
RunTurn: RunTurn
RunTurnResult: RunTurnResult
SaveServer: SaveServer
Server: Server
ServerModel: ServerModel
SetLevel: SetLevel
SetLocalChanges: SetLocalChanges
SetPersonas: SetPersonas
Settings: Settings
SettingsChanged: SettingsChanged
SettingsPushed: SettingsPushed
SettingsResult: SettingsResult
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
UndoDecision: UndoDecision
Usage: Usage
WriteServerModels: WriteServerModels
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
settings: Settings
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
 * An error as data: what happened, what to do, whether trying again can help, and who else
 * could answer.
 */
export interface ErrorData {
code: string
message: string
hint: string
retryable: boolean
retry_after_s?: (number | null)
offers?: ModelOffer[]
}
/**
 * A model that could answer instead. The user is asked; nothing is done by itself.
 */
export interface ModelOffer {
model_id: string
label: string
host: (string | null)
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
provider?: ("webllm" | "builtin" | "openai" | "anthropic")
server_id?: (string | null)
images?: (boolean | null)
tools?: (boolean | null)
variant_of?: (string | null)
needs_f16?: boolean
one_step?: boolean
for_tests?: boolean
}
/**
 * What the user chose about privacy, with the administrator's limits applied.
 * 
 * ``local_changes``: ``ask`` before each change of the user's own data, or do it and offer
 * ``undo``. ``managed`` names the settings that an administrator fixed.
 */
export interface Settings {
level: ("device" | "servers" | "web")
max_level: ("device" | "servers" | "web")
servers: Server[]
local_changes: ("ask" | "undo")
disabled_tools: string[]
managed: string[]
/**
 * @maxItems 16
 */
personas?: []|[Persona]|[Persona, Persona]|[Persona, Persona, Persona]|[Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]
}
/**
 * A model server that the user named. ``base_url`` ends before ``/chat/completions`` or
 * ``/messages``; the API key is kept elsewhere and only its presence is told.
 */
export interface Server {
server_id: string
kind?: ("openai" | "anthropic")
label: string
base_url: string
has_key: boolean
/**
 * @maxItems 500
 */
models: ServerModel[]
}
/**
 * A model that a server offers, and what the server says of it.
 */
export interface ServerModel {
name: string
context_window_tokens: number
images?: (boolean | null)
tools?: (boolean | null)
}
/**
 * Who answers: a name and the generation settings. None leaves one to the model's default.
 */
export interface Persona {
persona_id: string
label: string
temperature?: (number | null)
top_p?: (number | null)
max_tokens?: (number | null)
seed?: (number | null)
/**
 * @maxItems 4
 */
stop?: []|[string]|[string, string]|[string, string, string]|[string, string, string, string]
thinking_tokens?: (number | null)
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
carries?: string[]
grantable?: boolean
undoable?: boolean
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
decided_by: ("user" | "grant" | "policy" | "timeout" | "page_changed" | "stop")
ticket_id: (string | null)
}
export interface AskApproval {
type: "offscreen.ask_approval"
approval: Approval
verdict: ("allow" | "ask")
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
/**
 * ``imported``: it came from a file, so that nothing in it is known to be true.
 */
export interface ConversationSummary {
conversation_id: string
title: string
created_at_ms: number
updated_at_ms: number
message_count: number
imported?: boolean
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
decided_by: ("user" | "grant" | "policy" | "timeout" | "page_changed" | "stop")
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
export interface BuiltinCancel {
type: "offscreen.builtin_cancel"
request_id: string
}
export interface BuiltinChunk {
type: "python.builtin_chunk"
request_id: string
text: string
}
export interface BuiltinEnd {
type: "python.builtin_end"
request_id: string
usage: (BuiltinUsage | null)
error: (ErrorData | null)
}
/**
 * What the browser counts; null where it does not tell.
 */
export interface BuiltinUsage {
prompt_tokens: (number | null)
completion_tokens: (number | null)
}
/**
 * Run the browser's own model. The answer comes in chunks, after which there is one end.
 * 
 * ``answer_schema`` holds the answer to a JSON schema.
 */
export interface BuiltinGenerate {
type: "offscreen.builtin_generate"
request_id: string
conversation_id: string
/**
 * @minItems 1
 * @maxItems 2000
 */
messages: [ChatMessage, ...(ChatMessage)[]]
temperature: (number | null)
answer_schema: ({
[k: string]: unknown
} | null)
}
export interface ChatMessage {
role: ("system" | "user" | "assistant" | "tool")
content: string
}
export interface ClearLedger {
type: "offscreen.clear_ledger"
}
/**
 * Ask a saved server for its models and remember them.
 */
export interface ConnectServer {
type: "offscreen.connect_server"
server_id: string
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
pinned?: boolean
}
/**
 * An export. Whoever reads one treats all of it as untrusted.
 */
export interface ConversationFile {
format: "sidelight-conversations-1"
exported_at_ms: number
/**
 * @maxItems 10000
 */
conversations: Conversation[]
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
scope?: ("once" | "chat_site")
}
/**
 * What was decided about a tool call, what became of it, and whether it can be undone.
 */
export interface Decision {
approval_id: string
at_ms: number
conversation_id: string
tool_name: string
title: string
detail: string
target_origin: (string | null)
decision: ("allow" | "deny")
decided_by: ("user" | "grant" | "policy" | "timeout" | "page_changed" | "stop")
outcome: ("not_run" | "done" | "failed")
undo: ("none" | "available" | "undone")
}
/**
 * Newest first.
 */
export interface DecisionList {
decisions: Decision[]
}
export interface DecisionsChanged {
type: "panel.decisions_changed"
}
export interface DeleteConversation {
type: "offscreen.delete_conversation"
conversation_id: string
}
/**
 * What was left out for one reason. Of hidden text there is no sample: it is never shown.
 */
export interface DroppedText {
reason: ("menu" | "control" | "aside" | "links" | "hidden" | "other")
chars: number
sample: string
}
/**
 * Asks for the tokens of a prompt, by the model's own tokenizer.
 */
export interface EngineCount {
type: "engine.count"
call_id: string
model_id: string
messages: ChatMessage[]
}
export interface EngineCounted {
type: "engine.counted"
call_id: string
tokens: number
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
 * Sampling of one model call; at most one of ``grammar`` (EBNF), ``structural_tag`` (JSON: free
 * text with calls under a grammar) and ``json_schema``.
 */
export interface GenerateOptions {
temperature?: number
top_p?: number
max_tokens?: number
seed?: (number | null)
stop?: string[]
grammar?: (string | null)
structural_tag?: (string | null)
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
 * As a file with this one: one message carries at most 64 MiB, so several are put together.
 */
export interface ExportConversations {
type: "offscreen.export_conversations"
conversation_id: string
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
export interface HttpCancel {
type: "offscreen.http_cancel"
request_id: string
}
/**
 * A piece of the body, decoded as UTF-8.
 */
export interface HttpChunk {
type: "python.http_chunk"
request_id: string
text: string
}
/**
 * The body is whole, or broke off with an error.
 */
export interface HttpEnd {
type: "python.http_end"
request_id: string
error: (ErrorData | null)
}
/**
 * Status and headers; names in lower case.
 */
export interface HttpHead {
status: number
headers: {
[k: string]: string
}
}
/**
 * Send a request under the user's level. The answer is its head; the body follows in chunks.
 * 
 * ``key_name`` is the id of a server whose stored API key is added as a bearer token.
 */
export interface HttpSend {
type: "offscreen.http_send"
request_id: string
conversation_id: string
method: ("GET" | "POST")
url: string
purpose: string
headers: {
[k: string]: string
}
body: (string | null)
key_name: (string | null)
timeout_s: number
}
export interface ImportConversations {
type: "offscreen.import_conversations"
file: ConversationFile
}
export interface ImportResult {
conversations: number
}
export interface KeyResult {
key: (string | null)
}
/**
 * Where a piece of context came from, and whether it may be believed or given away.
 * 
 * ``origin`` is ``user``, ``page https://host``, ``file NAME``, ``tool NAME``, ``model ID``,
 * ``server https://host`` or ``import``. ``trust`` is ``user`` for what the person wrote, ``own``
 * for what they wrote earlier and stored, ``untrusted`` for all else. ``private`` is what only
 * this person or their accounts can see.
 */
export interface Label {
origin: string
trust: ("user" | "own" | "untrusted")
private: boolean
}
export interface LedgerChanged {
type: "panel.ledger_changed"
}
/**
 * One request that left the device, or wanted to.
 */
export interface LedgerEntry {
entry_id: string
at_ms: number
host: string
purpose: string
asked_by: string
bytes_out: number
bytes_in: number
status: ("open" | "done" | "failed" | "refused" | "cancelled")
detail: string
}
/**
 * Newest first.
 */
export interface LedgerList {
entries: LedgerEntry[]
}
export interface ListConversations {
type: "offscreen.list_conversations"
}
export interface ListDecisions {
type: "offscreen.list_decisions"
}
export interface ListLedger {
type: "offscreen.list_ledger"
}
export interface LoadModel {
type: "offscreen.load_model"
model_id: string
}
/**
 * A heading and all below it: characters ``start`` to ``end`` of the text.
 */
export interface PageSection {
title: string
level: number
start: number
end: number
}
/**
 * How much of a page was read. Counts are of characters that are not white space.
 * 
 * ``closed_frames``: parts of other sites inside the page, which are never read.
 */
export interface PageShare {
read_chars: number
seen_chars: number
dropped: DroppedText[]
/**
 * @maxItems 200
 */
sections: PageSection[]
closed_frames: number
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
share?: (PageShare | null)
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
pinned?: boolean
}
/**
 * Settings of one turn. ``tool_choice`` is auto, none, required or a tool's name.
 * 
 * What is not given is the persona's (``python/sidelight/personas.py``).
 */
export interface TurnOptions {
temperature?: number
top_p?: number
max_tokens?: number
seed?: (number | null)
/**
 * @maxItems 4
 */
stop?: []|[string]|[string, string]|[string, string, string]|[string, string, string, string]
thinking_tokens?: number
tool_choice?: string
persona?: string
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
export interface UndoDecision {
type: "offscreen.undo_decision"
approval_id: string
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
settings: Settings
server: (Server | null)
prefill_tokens_per_s?: (number | null)
pinned?: boolean
}
/**
 * Answered to the offscreen document alone, if the key was given for this very origin.
 */
export interface ReadKey {
type: "background.read_key"
server_id: string
origin: string
}
/**
 * Read the text of a tab. ``document_id`` given and no longer there: error page_changed.
 * 
 * ``mode``: the main text, all that is seen, or the selection.
 */
export interface ReadPage {
type: "background.read_page"
page: PageRef
mode: ("page" | "whole" | "selection")
}
export interface ReadPageState {
type: "background.page_state"
window_id: number
read_document_id?: (string | null)
}
export interface ReadSettings {
type: "background.read_settings"
}
export interface RemoveServer {
type: "background.remove_server"
server_id: string
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
 * Add a server, or change the one with this id. ``key`` null keeps the stored key.
 */
export interface SaveServer {
type: "background.save_server"
server_id: string
kind?: ("openai" | "anthropic")
label: string
base_url: string
key: (string | null)
}
/**
 * The user's click on a level. Raising it names what may leave, and where to, beside it.
 */
export interface SetLevel {
type: "background.set_level"
level: ("device" | "servers" | "web")
}
export interface SetLocalChanges {
type: "background.set_local_changes"
local_changes: ("ask" | "undo")
}
/**
 * The user's own personas, in their order; all of them at once.
 */
export interface SetPersonas {
type: "background.set_personas"
/**
 * @maxItems 16
 */
personas: []|[Persona]|[Persona, Persona]|[Persona, Persona, Persona]|[Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]|[Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona, Persona]
}
export interface SettingsChanged {
type: "panel.settings_changed"
settings: Settings
}
/**
 * Background tells the new settings; requests that are no longer allowed are cut off.
 */
export interface SettingsPushed {
type: "offscreen.settings_changed"
settings: Settings
}
export interface SettingsResult {
settings: Settings
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
 * The offscreen document tells what the server at this address offers.
 */
export interface WriteServerModels {
type: "background.write_server_models"
server_id: string
base_url: string
/**
 * @maxItems 500
 */
models: ServerModel[]
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
  "background.read_key": { request: ReadKey; result: KeyResult };
  "background.read_page": { request: ReadPage; result: PageText };
  "background.read_settings": { request: ReadSettings; result: SettingsResult };
  "background.remove_server": { request: RemoveServer; result: SettingsResult };
  "background.save_server": { request: SaveServer; result: SettingsResult };
  "background.set_level": { request: SetLevel; result: SettingsResult };
  "background.set_local_changes": { request: SetLocalChanges; result: SettingsResult };
  "background.set_personas": { request: SetPersonas; result: SettingsResult };
  "background.take_handoff": { request: TakeHandoff; result: HandoffResult };
  "background.write_server_models": { request: WriteServerModels; result: SettingsResult };
  "offscreen.ask_approval": { request: AskApproval; result: ApprovalDecision };
  "offscreen.attach": { request: Attach; result: AttachResult };
  "offscreen.builtin_cancel": { request: BuiltinCancel; result: Ack };
  "offscreen.builtin_generate": { request: BuiltinGenerate; result: Ack };
  "offscreen.clear_ledger": { request: ClearLedger; result: Ack };
  "offscreen.connect_server": { request: ConnectServer; result: SettingsResult };
  "offscreen.decide_approval": { request: DecideApproval; result: Ack };
  "offscreen.delete_conversation": { request: DeleteConversation; result: Ack };
  "offscreen.execute_tool": { request: ExecuteTool; result: ToolOutput };
  "offscreen.export_conversations": { request: ExportConversations; result: ConversationFile };
  "offscreen.http_cancel": { request: HttpCancel; result: Ack };
  "offscreen.http_send": { request: HttpSend; result: HttpHead };
  "offscreen.import_conversations": { request: ImportConversations; result: ImportResult };
  "offscreen.list_conversations": { request: ListConversations; result: ConversationList };
  "offscreen.list_decisions": { request: ListDecisions; result: DecisionList };
  "offscreen.list_ledger": { request: ListLedger; result: LedgerList };
  "offscreen.load_model": { request: LoadModel; result: Ack };
  "offscreen.read_conversation": { request: ReadConversation; result: Conversation };
  "offscreen.read_state": { request: ReadState; result: AppState };
  "offscreen.run_turn": { request: RunTurn; result: RunTurnResult };
  "offscreen.settings_changed": { request: SettingsPushed; result: Ack };
  "offscreen.stop_turn": { request: StopTurn; result: Ack };
  "offscreen.tab_changed": { request: TabChanged; result: Ack };
  "offscreen.undo_decision": { request: UndoDecision; result: Ack };
  "python.cancel_turn": { request: PythonCancelTurn; result: Ack };
  "python.close_conversation": { request: PythonCloseConversation; result: Ack };
  "python.run_turn": { request: PythonRunTurn; result: Ack };
}

export interface Notifications {
  "offscreen.python_events": PythonEvents;
  "panel.app_state": AppStateChanged;
  "panel.conversations_changed": ConversationsChanged;
  "panel.decisions_changed": DecisionsChanged;
  "panel.handoff_ready": HandoffReady;
  "panel.ledger_changed": LedgerChanged;
  "panel.page_changed": PageStateChanged;
  "panel.settings_changed": SettingsChanged;
  "panel.turn_events": TurnEvents;
}
