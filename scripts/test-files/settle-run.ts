import { readHead } from '../parts/repository.ts'
import type { RunReport } from '../steps/run-report.ts'
import type { StepRun } from '../steps/step.ts'
import { listOverdue, readFlakyEntries, recordFlakyFiles } from './flaky-files.ts'
import { rerunFailed } from './rerun-failed.ts'

/**
 * Runs failed files again, enters flaky ones in `testing/flaky.json`, and checks the age of its entries. In CI an old
 * entry is only printed, because it is not of the change that lands.
 */
export async function settleRun(runs: readonly StepRun[], options: { limitMs?: number } = {}): Promise<RunReport> {
  const settled = await rerunFailed(runs, options)
  recordFlakyFiles(settled.flaky)
  const overdue = listOverdue(readFlakyEntries(), readHead().atMs)
  if (process.env.CI !== 'true') return { ...settled, overdue }
  for (const { name, reason } of overdue) console.log(`! ${name}\n${reason}`)
  return settled
}
