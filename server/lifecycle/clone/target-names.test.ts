import { expect, test } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { removeFilesOfRun } from './target-names'

const home = createTestHome()

test('The files of a clone that failed are removed behind the hash of their paths, too, and no others', async () => {
  const store = home.services.stores.catalogStore('local')
  const folder = `${home.config.warehouse}/demo/clone`
  const names = ['data/run1-a.parquet', 'data/0101/0110/1001/10110010-run1-b.parquet', 'data/1110/0111/run1-c.parquet']
  const others = ['data/0101/0110/1001/10110010-other.parquet', 'data/x-run1-d.parquet']
  for (const name of [...names, ...others]) await store.writeNew(`${folder}/${name}`, new Uint8Array(1))
  expect(await removeFilesOfRun(store, folder, 'run1')).toBe(3)
  for (const name of others) expect(await store.read(`${folder}/${name}`)).toHaveLength(1)
  await expect(store.read(`${folder}/${names[1]}`)).rejects.toMatchObject({ code: 'file-missing' })
})
