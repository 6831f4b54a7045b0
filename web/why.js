// Why an address may or may not relay.
import { day, duration, element } from './format.js'

/** @param view what GET /v1/authorizations/ADDRESS says */
export function showWhy(target, view, now) {
  const lines = [
    ...view.authorizations.map(
      ({ address, expires_at, seconds_left, first_seen, source }) =>
        `${address}: ${seconds_left > 0 ? `${duration(seconds_left)} left, until` : 'expired'} ${day(expires_at)}; first login ${day(first_seen)}; reported by ${source}`,
    ),
    ...view.authorizations.flatMap(({ logins }) =>
      logins.map(
        ({ user, last_seen, source, note }) =>
          `${user || 'somebody'} logged in ${day(last_seen)}, by ${source}${note ? `: ${note}` : ''}`,
      ),
    ),
    ...view.sessions.map(
      ({ client, user, opened_at, renews }) =>
        `${user ?? 'somebody'} is connected from ${client} since ${day(opened_at)}${renews ? ', which keeps it authorized' : ''}`,
    ),
    ...(view.revoked_at ? [`revoked ${day(view.revoked_at)}: the next login counts again`] : []),
    ...(view.unstored
      ? [
          `${view.unstored.count} reports were stored nowhere, the last ${duration(now - view.unstored.last_seen)} ago by ${view.unstored.source}: ${view.unstored.reason}`,
        ]
      : []),
  ]
  const verdict = { permit: 'may relay', dunno: 'may not relay', tempfail: 'mail servers are told to try again later' }[
    view.action
  ]
  target.replaceChildren(
    element(
      'p',
      { class: view.action === 'permit' ? 'permit' : 'refuse' },
      element('strong', {}, `${view.address} ${verdict}`),
      `: ${view.reason}.`,
    ),
    element('ul', {}, ...lines.map((line) => element('li', {}, line))),
  )
}
