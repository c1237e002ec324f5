import 'server-only'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'
import type { Problem } from '@/lib/contract/problem'
import { type PageClock, TIME_ZONE_COOKIE } from '@/lib/format/page-clock'
import { type AppError, isDatabaseError } from '@/lib/errors'
import { type CallerSession, findCookieSession } from '@/server/auth/sign-in/session'
import { findCookie } from '@/server/auth/sign-in/session-cookie'
import { requestIdOf } from '@/server/http/handle-request'
import { problemBody, problemHeaders } from '@/server/http/problem-response'
import type { Services } from '@/server/services'

export type PageSession = { session: CallerSession } | { problem: Problem }

/**
 * The responses that Next is writing pages to. A layout of Next cannot set the status of its page. It is rendered while
 * the web server has the response open, and this class finds that response.
 */
export class PageResponses {
  readonly #services: Services
  readonly #openResponse = new AsyncLocalStorage<{ response: ServerResponse; clock: PageClock | null }>()

  constructor(services: Services) {
    this.#services = services
  }

  /** Runs work that writes a page to a response. */
  write<Result>(response: ServerResponse, work: () => Result): Result {
    const timeZone = findTimeZone(response.req.headers.cookie ?? null)
    const clock = timeZone === null ? null : { nowMs: Date.now(), timeZone }
    return this.#openResponse.run({ response, clock }, work)
  }

  /** The clock of the page that is being written; null when its browser's time zone is unknown. */
  readClock(): PageClock | null {
    return this.#openResponse.getStore()?.clock ?? null
  }

  /**
   * The open session of the browser that loads a page, or null. While the database is unavailable it is the problem
   * that the page shows, and the response gets its status.
   */
  async readSession(headers: Headers): Promise<PageSession | null> {
    try {
      const session = await findCookieSession(this.#services, headers.get('cookie'))
      return session && { session }
    } catch (error) {
      if (!isDatabaseError(error)) throw error
      return { problem: this.#refuse(error, requestIdOf({ headers })) }
    }
  }

  #refuse(failure: AppError, requestId: string): Problem {
    const problem = problemBody(failure, requestId)
    const { status, code, detail } = problem
    this.#services.log.warning('A page was not rendered because the database failed.', {
      requestId,
      status,
      code,
      detail,
    })
    const response = this.#openResponse.getStore()?.response
    // Under `next dev` there is no web server of ours, so the page has the status 200.
    if (!response || response.headersSent) return problem
    response.statusCode = status
    for (const [name, value] of Object.entries(problemHeaders(failure))) response.setHeader(name, value)
    return problem
  }
}

/** The browser's time zone from its cookie; null without one, and for a name that this server does not know. */
function findTimeZone(cookies: string | null): string | null {
  const cookie = findCookie(cookies, TIME_ZONE_COOKIE)
  if (cookie === undefined || cookie.length > 100) return null
  try {
    // As the browser wrote it, which may be another name of the zone than this server would use.
    const timeZone = decodeURIComponent(cookie)
    new Intl.DateTimeFormat('en-US', { timeZone })
    return timeZone
  } catch {
    return null
  }
}
