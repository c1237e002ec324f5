import 'server-only'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'
import type { Problem } from '@/lib/contract/shapes/problem'
import { type AppError, isDatabaseError } from '@/lib/errors'
import { type CallerSession, findCookieSession } from '@/server/auth/sign-in/session'
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
  readonly #openResponse = new AsyncLocalStorage<ServerResponse>()

  constructor(services: Services) {
    this.#services = services
  }

  /** Runs work that writes a page to a response. */
  write<Result>(response: ServerResponse, work: () => Result): Result {
    return this.#openResponse.run(response, work)
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
    const response = this.#openResponse.getStore()
    // Under `next dev` our web server does not run, so the page has the status 200.
    if (!response || response.headersSent) return problem
    response.statusCode = status
    for (const [name, value] of Object.entries(problemHeaders(failure))) response.setHeader(name, value)
    return problem
  }
}
