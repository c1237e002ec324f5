import { syncBuiltinESMExports } from 'node:module'
import { afterAll, vi } from 'vitest'

const environment = { ...process.env }

/** After each test file: the next one shares its process. */
afterAll(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  // Spies on modules of Node are named exports, too.
  syncBuiltinESMExports()
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
  // See `server/program/slot.ts`.
  Reflect.deleteProperty(globalThis, Symbol.for('lakeshore.program'))
})
