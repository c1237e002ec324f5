import 'server-only'
import type { ServerResponse } from 'node:http'
import type { Config } from '@/server/config/config'
import type { RequestHead, RestRequest, RouteContext } from '@/server/http/handle-request'
import type { RestReply } from '@/server/iceberg-rest/rest-reply'
import type { Log } from '@/server/log'
import type { PageSession } from './page-responses'

/** The methods a route of Next can be bound to. */
export const ROUTE_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type RouteMethod = (typeof ROUTE_METHODS)[number]

/** The one program of a process, whichever door a request comes by. */
export type Program = {
  readonly config: Config
  readonly log: Log
  /**
   * Answers a request to the console's API, next-auth, the REST catalog or a probe.
   *
   * @param path the template of the address, as `bind.ts` writes it: `/api/v1/catalogs/:catalog`
   * @param context the parameters of the template, decoded
   * @throws {Error} for a template that the program does not have: the route is bound to the wrong address
   */
  handle(method: RouteMethod, path: string, request: Request, context: RouteContext): Promise<Response>
  /** What answers an address of the REST catalog, with its bytes as they are; null for any other address. */
  catalogHandlerAt(method: string, url: string): ((request: RestRequest) => Promise<RestReply>) | null
  /** What refuses a method that no operation of the REST catalog has; null for any other request. */
  catalogRefusalAt(method: string, url: string): ((head: RequestHead) => Promise<RestReply>) | null
  /** Has Next write a page, or an answer of a route, to a response. */
  writePage<Result>(response: ServerResponse, work: () => Result): Result
  /**
   * The open session of the browser that loads a page; null when there is none. While the database is away it is the problem
   * that the page shows, and the response that the page is written to has its status.
   */
  readPageSession(headers: Headers): Promise<PageSession | null>
  /** Whether people reach the console over https only. */
  isHttps(): boolean
  /**
   * Waits for a database that cannot be reached, and judges the settings and the home before the first request.
   *
   * @returns whether to serve; false when the process was stopped while it waited
   * @throws {ConfigError} {AppError} forbidden for a generated password on a network
   */
  start(): Promise<boolean>
  /** Closes the database, after the writes it was given. */
  close(): Promise<void>
}
