import { expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { createTestHome } from '@/testing/homes/test-home'
import { removeFiles } from './remove-files'

const home = createTestHome()

it('A file that cannot be removed keeps no other file of the run', async () => {
  const store = home.services.stores.catalogStore('local')
  const locations = ['a', 'b', 'c'].map((name) => `${home.config.warehouse}/ns/t/data/${name}.parquet`)
  for (const location of locations) await store.writeNew(location, new Uint8Array(1))
  const failing = {
    ...store,
    remove: async (location: string) => {
      if (location === locations[0]) throw new AppError('storage-unavailable', 'The disk says no.')
      await store.remove(location)
    },
  }
  await expect(removeFiles(failing, locations)).rejects.toMatchObject({ code: 'storage-unavailable' })
  expect(await store.listNames(`${home.config.warehouse}/ns/t/data`, { limit: 9 })).toEqual(['a.parquet'])
})
