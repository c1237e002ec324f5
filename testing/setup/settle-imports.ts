import { afterAll, vi } from 'vitest'

/**
 * Code that a component began to load arrives before its test file ends. An import that the end of a file interrupts
 * fails, and `loadCode` would try it again for as long as the process lives, during the files of others.
 */
afterAll(() => vi.dynamicImportSettled())
