// What the control API sends, for the programs that ask it.
export type { WatchedEvent } from '../admin/events.ts'
export type { LogStatusView, MapStatusView, PollView, StatusView } from '../admin/status.ts'
export type { AuthorizationView, ExplanationView, LoginView, SessionView } from '../admin/views.ts'
