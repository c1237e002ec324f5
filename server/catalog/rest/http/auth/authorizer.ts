import 'server-only'

/** A request as it is sent, for authorizers that sign it. */
export type SignableRequest = {
  method: string
  url: URL
  headers: Readonly<Record<string, string>>
  body: string | undefined
}

/** Authenticates requests to the catalog. */
export type RestAuthorizer = {
  /**
   * Returns the headers to send: the request's own and the authentication.
   *
   * @param wait.maxWaitMs how long a request waits for a token before it fails
   */
  authorize(
    request: SignableRequest,
    wait: { signal?: AbortSignal | undefined; maxWaitMs: number },
  ): Promise<Readonly<Record<string, string>>>
  /**
   * Called when the catalog refused these headers (401, 419).
   *
   * @returns whether one more attempt is worthwhile, because it gets new headers
   */
  handleUnauthorized(headers: Readonly<Record<string, string>>): boolean
}

/** Sends the same header with every request. */
export function staticAuthorizer(authorization: string | null): RestAuthorizer {
  return {
    authorize: async ({ headers }) => (authorization === null ? headers : { ...headers, authorization }),
    handleUnauthorized: () => false,
  }
}
