import type { BrowserContext } from '@playwright/test'

/** What went wrong in a browser where no person sees it: requests to elsewhere, scripts that failed, console errors. */
export class PageErrors {
  readonly strayRequests: string[] = []
  readonly #errors: string[] = []
  readonly #expected: RegExp[] = []
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = origin
  }

  async watch(context: BrowserContext): Promise<void> {
    // A refusal that the script itself catches leaves no line in the console.
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) => {
        reportError(new Error(`refused by the policy: ${effectiveDirective} ${blockedURI} of ${sourceFile}`))
      })
    })
    context.on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol.startsWith('http') && url.origin !== this.#origin) this.strayRequests.push(request.url())
    })
    context.on('weberror', (event) => this.#errors.push(event.error().message))
    context.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(`${message.text()} (${message.location().url})`)
    })
  }

  /** The test provokes errors like this one, such as `/status of 404/`; at least one has to come. */
  expectError(error: RegExp): void {
    this.#expected.push(error)
  }

  get unexpected(): string[] {
    return this.#errors.filter((error) => !this.#expected.some((pattern) => pattern.test(error)))
  }

  get missing(): string[] {
    return this.#expected.filter((pattern) => !this.#errors.some((error) => pattern.test(error))).map(String)
  }
}
