import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { type DuckdbSession, openDuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import { useTestClock } from '@/testing/clock'
import { column } from '@/testing/ingest/test-staging'
import type { StageProgress, StageRequest } from '../stage-request'
import { Staging } from './staging'

const TICK_MS = 200
const LIMITS = { memoryMiB: 256, threads: 1, tempMiB: 64 }

it('While DuckDB reads a file, its rows are estimated from its bytes, until they are counted', async () => {
  const clock = useTestClock()
  let share: number | null = null
  const seen: Pick<StageProgress, 'bytesRead' | 'rowsRead' | 'rowsReadEstimate'>[] = []
  const staging = await openStaging({
    progress: () => share,
    onProgress: ({ bytesRead, rowsRead, rowsReadEstimate }) => seen.push({ bytesRead, rowsRead, rowsReadEstimate }),
  })
  const read = async () => {
    for (share of [null, 0.25, 0.5]) await clock.advance(TICK_MS)
    return 42
  }
  staging.report({ rowsRead: await staging.runWithProgress('checking', read, 40) })
  expect(seen).toEqual([
    { bytesRead: 0, rowsRead: 0, rowsReadEstimate: 0 },
    { bytesRead: 250, rowsRead: 0, rowsReadEstimate: 10 },
    { bytesRead: 500, rowsRead: 0, rowsReadEstimate: 20 },
    { bytesRead: 1000, rowsRead: 0, rowsReadEstimate: 20 },
    { bytesRead: 1000, rowsRead: 42, rowsReadEstimate: 0 },
  ])
})

/** A staging of 1,000 bytes. */
async function openStaging({
  progress,
  onProgress,
}: {
  progress: DuckdbSession['progress']
  onProgress: (progress: StageProgress) => void
}): Promise<Staging> {
  const stagingDir = mkdtempSync(path.join(tmpdir(), 'staging-'))
  const session = await openDuckdbSession({ inputPath: null, stagingDir }, LIMITS)
  onTestFinished(() => {
    session.close()
    rmSync(stagingDir, { recursive: true })
  })
  const fields = [column(1, 'id', 'int')]
  const request: StageRequest = {
    input: {
      path: path.join(stagingDir, 'a.csv'),
      name: 'a.csv',
      pathValues: new Map(),
      format: 'csv',
      ignoreExtra: false,
      csv: CSV_DEFAULTS,
      mapping: BY_NAME,
      loadedAtMs: 0,
    },
    schema: { schemaId: 0, identifierFieldIds: [], fields },
    rules: [],
    stagingDir,
    limits: LIMITS,
    keyFiles: { folder: stagingDir, earlierNames: [] },
    spec: { specId: 0, fields: [] },
    sortOrder: null,
    rejects: { file: path.join(stagingDir, 'rejects'), location: '', recordsFile: path.join(stagingDir, 'records') },
    maxRejectedRows: 0,
    fileStem: 't',
    write: parseWriteSettings({}, { fields }, () => {}),
  }
  const sizes = { inputBytes: 1000, plainBytes: 1000, lane: null }
  return new Staging(request, { ...session, progress }, { ...sizes, onProgress })
}
