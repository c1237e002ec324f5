import { afterAll, vi } from 'vitest'

/** After each test file: the next one shares its process. */
afterAll(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})
