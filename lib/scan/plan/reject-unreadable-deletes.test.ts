import { expect, test } from 'vitest'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { DeleteIndex } from '../deletes/delete-index'
import { rejectUnreadableDeletes } from './reject-unreadable-deletes'

const entry = (path: string, fileFormat: 'parquet' | 'orc'): ManifestEntry => ({
  status: 'added',
  snapshotId: '1',
  sequenceNumber: 2,
  fileSequenceNumber: 2,
  dataFile: sampleDataFile(path, { content: 'position-deletes', fileFormat }),
})

/** Lists the tasks of data files, given the indexes of the delete files that apply to each. */
async function check(entries: readonly ManifestEntry[], tasks: readonly (readonly number[])[]): Promise<number> {
  let listedCount = 0
  async function* listTasks() {
    for (const deletes of tasks) {
      listedCount += 1
      yield { deletes }
    }
  }
  await rejectUnreadableDeletes({ readDeletes: async () => new DeleteIndex(entries, []) }, listTasks)
  return listedCount
}

const ENTRIES = [entry('p.parquet', 'parquet'), entry('o.orc', 'orc')]

test('A scan is refused when a delete file in ORC applies to any of its data files', async () => {
  await expect(check(ENTRIES, [[], [0], [0, 1]])).rejects.toMatchObject({
    code: 'not-supported',
    facts: { file: 'o.orc', format: 'orc' },
  })
})

test('A scan is not refused for a delete file in ORC that applies to none of its data files', async () => {
  expect(await check(ENTRIES, [[], [0]])).toBe(2)
})

test('The tasks are not listed when every delete file can be read', async () => {
  expect(await check(ENTRIES.slice(0, 1), [[0]])).toBe(0)
})
