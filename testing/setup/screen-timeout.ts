import { beforeAll } from 'vitest'

/**
 * How long tests of components wait for content to appear: longer in CI, whose machine may be busy with other work. Each
 * attempt that finds none throws an error, which prints the page only if it is read.
 */
beforeAll(async () => {
  if (!('document' in globalThis)) return
  const { configure, prettyDOM } = await import('@testing-library/react')
  configure({
    asyncUtilTimeout: process.env.CI === 'true' ? 60_000 : 20_000,
    getElementError: (message, container) => new MissingElementError(message, () => prettyDOM(container)),
  })
})

class MissingElementError extends Error {
  constructor(message: string | null, printPage: () => string | false) {
    super()
    this.name = 'TestingLibraryElementError'
    let text: string | null = null
    Object.defineProperty(this, 'message', {
      get: () => (text ??= [message, printPage()].filter(Boolean).join('\n\n')),
      set: (value: string) => {
        text = value
      },
      configurable: true,
    })
  }
}
