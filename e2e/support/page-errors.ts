import type { BrowserContext } from '@playwright/test'

/** A page reports this when it is left while it compiles the browser engine. */
const LEFT_WHILE_COMPILING = /^WebAssembly compilation aborted: Network error: Failed to read from a ReadableStream[.]$/

/** Errors in a browser that no page shows: requests to other origins, failed scripts and console errors. */
export class PageErrors {
  readonly strayRequests: string[] = []
  readonly #errors: string[] = []
  readonly #expected: RegExp[] = []
  readonly #allowed: { pattern: RegExp; from: number }[] = []
  readonly #origins: Set<string>

  constructor(origin: string) {
    this.#origins = new Set([origin])
  }

  /** Declares another server that the test visits on purpose. */
  expectOrigin(origin: string): void {
    this.#origins.add(origin)
  }

  async watch(context: BrowserContext): Promise<void> {
    // A violation that a script catches leaves no line in the console.
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) => {
        reportError(new Error(`refused by the policy: ${effectiveDirective} ${blockedURI} of ${sourceFile}`))
      })
    })
    context.on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol.startsWith('http') && !this.#origins.has(url.origin)) this.strayRequests.push(request.url())
    })
    context.on('weberror', (event) => {
      const { message } = event.error()
      if (!LEFT_WHILE_COMPILING.test(message)) this.#errors.push(message)
    })
    context.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(`${message.text()} (${message.location().url})`)
    })
  }

  /** Declares an expected error, such as `/status of 404/`. It has to occur at least once. */
  expectError(error: RegExp): void {
    this.#expected.push(error)
  }

  /** Declares an error that may occur from now on, depending on what an open page is just reading. */
  allowError(pattern: RegExp): void {
    this.#allowed.push({ pattern, from: this.#errors.length })
  }

  get unexpected(): string[] {
    return this.#errors.filter(
      (error, i) =>
        !this.#expected.some((pattern) => pattern.test(error)) &&
        !this.#allowed.some(({ pattern, from }) => i >= from && pattern.test(error)),
    )
  }

  get missing(): string[] {
    return this.#expected.filter((pattern) => !this.#errors.some((error) => pattern.test(error))).map(String)
  }
}
