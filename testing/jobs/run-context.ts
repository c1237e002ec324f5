import { rawChange } from '@/testing/databases/test-sql'
import type { RunContext } from '@/server/jobs/run-kind'

/** The context of a run without a worker: it stores nothing. */
export function runContext(signal: AbortSignal, change: Partial<RunContext> = {}): RunContext {
  return {
    signal,
    report: () => {},
    log: () => {},
    saveJournal: async () => {},
    journalChange: () => rawChange('SELECT 1'),
    successChanges: () => [rawChange('SELECT 1')],
    ...change,
  }
}
