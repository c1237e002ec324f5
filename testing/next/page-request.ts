let pageHeaders: Headers | null = null

/** Makes this the request of the page whose parts the test calls next, until another is set. */
export function setPageRequest(requestHeaders: Headers): void {
  pageHeaders = requestHeaders
}

/** @throws {Error} before a test has set a request */
export function readPageHeaders(): Headers {
  if (pageHeaders === null) throw new Error('No page is requested: the test sets a request first.')
  return pageHeaders
}
