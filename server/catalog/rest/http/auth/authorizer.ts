import 'server-only'

/** A request as it goes out, for those who sign it. */
export type SignableRequest = {
  method: string
  url: URL
  headers: Readonly<Record<string, string>>
  body: string | undefined
}

/** Proves to the catalog who asks. */
export type RestAuthorizer = {
  /**
   * The headers to send: the request's own and what proves it.
   *
   * @param wait.longestMs after which who waits for a token is told that there is none
   */
  authorize(
    request: SignableRequest,
    wait: { signal?: AbortSignal | undefined; maxWaitMs: number },
  ): Promise<Readonly<Record<string, string>>>
  /**
   * Told that these headers were refused (401, 419).
   *
   * @returns whether it is worth asking once more, because others will be made
   */
  handleUnauthorized(headers: Readonly<Record<string, string>>): boolean
}

/** The same header with every request. */
export function staticAuthorizer(authorization: string | null): RestAuthorizer {
  return {
    authorize: async ({ headers }) => (authorization === null ? headers : { ...headers, authorization }),
    handleUnauthorized: () => false,
  }
}
