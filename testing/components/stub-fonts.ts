import { afterAll, beforeAll } from 'vitest'

/**
 * Gives the document of a test file fonts, which happy-dom does not have: the editor and fields that grow with their text
 * measure again once they have arrived. It is called once, at the top of the file.
 */
export function stubFonts(): void {
  beforeAll(() => {
    const value = Object.assign(new EventTarget(), { ready: Promise.resolve() })
    Object.defineProperty(document, 'fonts', { value, configurable: true })
  })
  afterAll(() => {
    Reflect.deleteProperty(document, 'fonts')
  })
}
