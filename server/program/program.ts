import 'server-only'
import type { ServerResponse } from 'node:http'
import type { Config } from '@/server/config/config'
import type { RequestHead, RestRequest } from '@/server/http/handle-request'
import type { RestReply } from '@/server/iceberg-rest/rest-reply'
import type { Log } from '@/server/log'
import type { PageSession } from './page-responses'

/** The methods a route of Next can be bound to. */
export const ROUTE_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type RouteMethod = (typeof ROUTE_METHODS)[number]

/** The one program of a process, for requests through any door. */
export type Program = {
  readonly config: Config
  readonly log: Log
  /** Names the build of the pages that this process serves; null without one. */
  readonly buildId: string | null
  /**
   * Handles a request to the console's API, next-auth, the REST catalog or a probe.
   *
   * @param segments of the path, decoded: `['api', 'v1', 'catalogs', 'local']`
   * @throws {Error} outside `/api`, `/iceberg` and the probes: a route is bound to the wrong address
   */
  handle(method: RouteMethod, segments: readonly string[], request: Request): Promise<Response>
  /** The handler of an address of the REST catalog, which responds with raw bytes; null for any other address. */
  catalogHandlerAt(method: string, url: string): ((request: RestRequest) => Promise<RestReply>) | null
  /** The refusal of a method that no operation of the REST catalog has; null for any other request. */
  catalogRefusalAt(method: string, url: string): ((head: RequestHead) => Promise<RestReply>) | null
  /** Runs work in which Next writes a page, or the response of a route. */
  writePage<Result>(response: ServerResponse, work: () => Result): Result
  /**
   * The open session of the browser that loads a page, or null. While the database is unavailable it is the problem
   * that the page shows, and the response of the page has its status.
   */
  readPageSession(headers: Headers): Promise<PageSession | null>
  /** How people may sign in; `provider` is the name of the identity provider, or null. */
  signInMethods(): { provider: string | null; hasPassword: boolean }
  /** Whether people reach the console over https only. */
  isHttps(): boolean
  /**
   * Waits for a database that cannot be reached, and checks the settings and the home before the first request.
   *
   * @returns whether to serve; false when the process was stopped while it waited
   * @throws {ConfigError} {AppError} forbidden for a generated password on a network
   */
  start(): Promise<boolean>
  /** Closes the database after its pending writes. */
  close(): Promise<void>
}
