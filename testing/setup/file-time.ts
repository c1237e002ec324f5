import { afterAll } from 'vitest'
import { readProcessorMs } from '@/testing/processes/processor-time'

declare module 'vitest' {
  interface TaskMeta {
    /** How long a test file took, with its imports and hooks. */
    fileTime?: { wallMs: number; processorMs: number }
  }
}

// The first setup file: its hook is the last of the test file.
const startedAtMs = performance.now()
const processorAtStartMs = readProcessorMs()

// oxlint-disable-next-line no-empty-pattern -- Vitest reads from the pattern which fixtures the hook uses
afterAll(({}, file) => {
  file.meta.fileTime = {
    wallMs: performance.now() - startedAtMs,
    processorMs: readProcessorMs() - processorAtStartMs,
  }
})
