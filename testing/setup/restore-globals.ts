import { syncBuiltinESMExports } from 'node:module'
import { afterAll, vi } from 'vitest'

const environment = { ...process.env }
/** A query process sets its own, also when a test runs it here. */
const { fetch: ownFetch } = globalThis

/** In a DOM, tests give elements sizes and methods that it does not compute. A spy on a parent class would miss these. */
const PROTOTYPES = [globalThis.HTMLElement, globalThis.Element, globalThis.Node]
  .filter((type) => type !== undefined)
  .map(({ prototype }) => ({ prototype, own: Object.getOwnPropertyDescriptors(prototype) }))

/** After each test file: the next one shares its process. */
afterAll(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  globalThis.fetch = ownFetch
  // Spies on modules of Node are named exports, too.
  syncBuiltinESMExports()
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
  for (const { prototype, own } of PROTOTYPES) {
    for (const key of Reflect.ownKeys(prototype)) if (!(key in own)) Reflect.deleteProperty(prototype, key)
    Object.defineProperties(prototype, own)
  }
  if ('document' in globalThis) emptyPage()
  // See `server/program/slot.ts`.
  Reflect.deleteProperty(globalThis, Symbol.for('lakeshore.program'))
})

/** Removes all that a test has left in the page and the browser: a row does not open while a text is selected. */
function emptyPage(): void {
  getSelection()?.removeAllRanges()
  document.body.replaceChildren()
  localStorage.clear()
  sessionStorage.clear()
}
