// What the report front ends need of the relay table.
import type { AddResult, EndResult, LoginEvent, LogoutEvent } from './login-event.ts'

/** Every promise is kept once what it says is durable, and rejects with `tempfail` when it cannot be. */
export interface LoginReports {
  add(event: LoginEvent): Promise<AddResult>
  /** The end of a session that keeps its address authorized. */
  logout(event: LogoutEvent): Promise<EndResult>
  /** Takes back what a `held` session's login gave. */
  withdraw(event: LogoutEvent): Promise<EndResult>
}
