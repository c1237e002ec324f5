import { expect, it } from 'vitest'
import { ulid } from 'ulid'
import { rejectsFolder } from '@/server/storage/internal-files'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { queueRun } from '@/server/db/jobs/runs'
import { tidyRejects } from './tidy-rejects'

const home = createTestHome()
const DAY_MS = 24 * 60 * 60_000

it('removes the lists and the records of rejected rows of runs that were removed, and no others', async () => {
  const { config, database, services } = home
  const store = services.stores.warehouseStore()
  const [old, kept, young] = [31, 32, 29].map((days) => ulid(database.nowMs() - days * DAY_MS))
  const queued = await queueRun(database, { kind: 'test', title: '', spec: {}, actor: COMMAND_LINE, table: null })
  await database.commit([rawChange('UPDATE runs SET id = ? WHERE id = ?', [kept ?? '', queued])])
  const names = [old, kept, young].map((id) => `${id}.ndjson`)
  for (const name of [...names, `${old}.records`, `${kept}.records`, 'notes.txt'])
    await store.writeNew(`${rejectsFolder(config)}/${name}`, Buffer.from('{}'))
  expect(await tidyRejects(services, new AbortController().signal)).toBe(2)
  const left = await store.listNames(rejectsFolder(config), { limit: 10 })
  expect(new Set(left)).toEqual(new Set([names[1], names[2], `${kept}.records`, 'notes.txt']))
})
