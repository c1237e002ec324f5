import 'server-only'
import { decodeTime, isValid } from 'ulid'
import type { LakeServices } from '@/server/catalog/lake-services'
import { readRuns } from '@/server/db/jobs/runs'
import { RUN_RETENTION_MS } from '@/server/db/tidy'
import { rejectsFolder } from '@/server/storage/internal-files'

const FILES_PER_PAGE = 1_000
/** They have values of users, so they must not outlive their runs; more are left to the next night. */
const MAX_LOOKED_AT = 100_000

const NAME = /^(.+)\.(?:ndjson|records)$/

/**
 * Removes the lists and the records of rejected rows whose runs were removed. Those of a run that could still exist stay, whether
 * this database knows it or not: it may belong to a copy of this database.
 *
 * @returns how many were removed
 */
export async function tidyRejects(
  { config, database, stores }: Pick<LakeServices, 'config' | 'database' | 'stores'>,
  signal: AbortSignal,
): Promise<number> {
  const store = stores.warehouseStore()
  const folder = rejectsFolder(config)
  const latestMs = database.nowMs() - RUN_RETENTION_MS
  let [lookedAt, removed] = [0, 0]
  let pageToken: string | null = null
  do {
    signal.throwIfAborted()
    const page = await store.listFolder(folder, { limit: FILES_PER_PAGE, pageToken, signal })
    const files = page.files.map(({ name }) => ({ name, id: NAME.exec(name)?.[1] ?? '' }))
    const old = files.filter(({ id }) => isValid(id) && decodeTime(id) <= latestMs)
    const known = await readRuns(
      database,
      old.map(({ id }) => id),
    )
    for (const { name, id } of old) {
      if (known.has(id)) continue
      await store.remove(`${folder}/${name}`)
      removed += 1
    }
    lookedAt += page.files.length
    pageToken = page.nextPageToken
  } while (pageToken !== null && lookedAt < MAX_LOOKED_AT)
  return removed
}
