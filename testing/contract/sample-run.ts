import type { Run } from '@/lib/contract/jobs'

/** For tests: a load that has read half of its file. */
export const SAMPLE_RUN: Run = {
  id: 'R1',
  kind: 'ingest',
  title: 'Load flights.csv',
  state: 'running',
  table: { catalog: 'local', namespace: ['demo'], table: 'flights' },
  bulkChange: null,
  actor: 'ada',
  scheduleId: null,
  createdAtMs: 1_000,
  startedAtMs: 1_000,
  attemptStartedAtMs: 1_000,
  finishedAtMs: null,
  durationMs: 4_000,
  attempt: 1,
  nextAttemptAtMs: null,
  scheduledForMs: null,
  isCancelRequested: false,
  progress: {
    phase: 'reading',
    done: 512 * 1024,
    total: 1024 * 1024,
    unit: 'bytes',
    counters: { rowsRead: 8_000, filesWritten: 2 },
  },
  outcome: null,
  warnings: {},
  error: null,
  lastLine: 1,
  canChange: true,
}
