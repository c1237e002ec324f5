import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { Run } from '@/server/db/jobs/runs'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST, queueIngest, toFileLocation } from '@/server/ingest/run/ingest-spec'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { followRun } from '@/server/jobs/follow-run'
import type { RunKind } from '@/server/jobs/run-kind'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import type { Services } from '@/server/services'

let inputs = 0

type LoadOptions = { schema?: object; properties?: Readonly<Record<string, string>> }

/** Loads a CSV into a table with a worker in this process, and creates the table if a schema is given. */
export async function loadCsv(services: Services, identifier: TableIdentifier, csv: string, options: LoadOptions = {}) {
  return await loadText(services, identifier, { format: 'csv', text: csv }, options)
}

/** The same of any text. */
export async function loadText(
  services: Services,
  identifier: TableIdentifier,
  { format, text }: { format: 'csv' | 'ndjson'; text: string },
  { schema, properties = {} }: LoadOptions = {},
) {
  const file = path.join(services.config.homeDir, `load-${(inputs += 1)}.${format}`)
  writeFileSync(file, text)
  const run = await queueIngest(
    services.database,
    identifier,
    {
      input: [{ location: toFileLocation(file) }],
      format,
      ignoreExtra: false,
      maxRejectedRows: 0,
      loadAgain: true,
      create: schema ? { schema: JSON.stringify(schema), partitionBy: null, properties } : null,
    },
    COMMAND_LINE,
  )
  const kinds = { [INGEST]: ingestRuns(services, (request, { onProgress }) => stageInput(request, onProgress)) }
  const ended = await runQueuedRun(services, run, kinds)
  if (ended.state !== 'succeeded') throw new Error(`The load failed: ${ended.error?.detail}`)
  return (await services.catalogs.open(identifier.catalog, TEST_ACTOR)).loadTable(identifier)
}

/** Executes a queued run with a worker in this process, and returns it as it ended. */
export async function runQueuedRun(
  services: Services,
  id: string,
  kinds: Readonly<Record<string, RunKind>>,
): Promise<Run> {
  const stop = new AbortController()
  const loop = runWorkerLoop(services, { kinds, concurrency: 1, signal: stop.signal })
  const run = await followRun(services.database, id, {
    signal: new AbortController().signal,
    onProgress: () => {},
    pollMs: 5,
  })
  stop.abort()
  await loop
  return run
}
