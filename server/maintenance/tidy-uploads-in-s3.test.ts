import { afterAll, beforeEach, expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { tidyWarehouseRuns } from './tidy-warehouse'

const s3 = new S3StandIn()
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: await s3.start(),
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
})
afterAll(() => s3.stop())
beforeEach(() => {
  s3.uploads.clear()
  s3.listsUploads = true
})

const HOUR_MS = 3_600_000

function beginUpload(name: string, hoursAgo: number): string {
  const id = `upload-${s3.uploadStarts.size}`
  s3.uploads.set(id, new Map([[1, Buffer.alloc(10)]]))
  s3.uploadStarts.set(id, { name, startedAt: new Date(Date.now() - hoursAgo * HOUR_MS).toISOString() })
  return id
}

async function tidy() {
  const said: string[] = []
  const kind = tidyWarehouseRuns(home.config)
  const context = { signal: new AbortController().signal, log: (text: string) => void said.push(text) }
  const outcome = await kind.work({} as never, context as never)
  return { outcome, said }
}

it('Uploads in parts that were begun a day ago are aborted, on every page, and no others', async () => {
  s3.maxKeysPerPage = 2
  for (let i = 0; i < 5; i += 1) beginUpload(`lake/wh/demo/t/data/a b ${i}.parquet`, 25)
  const young = beginUpload('lake/wh/demo/t/data/young.parquet', 23)
  const elsewhere = beginUpload('lake/wh-other/demo/t/data/a.parquet', 100)
  s3.objects.set('lake/wh/demo/t/data/old.parquet', Buffer.from('x'))
  expect(await tidy()).toEqual({
    outcome: { drafts: 5, folders: 0 },
    said: ['5 interrupted uploads removed; 6 uploads read.'],
  })
  expect([...s3.uploads.keys()].toSorted((one, other) => one.localeCompare(other))).toEqual([young, elsewhere])
  expect([...s3.objects.keys()]).toEqual(['lake/wh/demo/t/data/old.parquet'])
})

it('A store that does not list uploads does not fail the run, which says so', async () => {
  beginUpload('lake/wh/a.parquet', 100)
  s3.listsUploads = false
  expect(await tidy()).toEqual({
    outcome: { drafts: 0, folders: 0 },
    said: ['The bucket does not list interrupted uploads. Let a rule of the bucket remove them after some days.'],
  })
})
