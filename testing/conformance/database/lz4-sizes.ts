import { describe, expect, test } from 'vitest'
import { type DataFileSizes, insertFileSizes, readFileSizes } from '@/server/db/catalog/data-file-sizes'
import { MIGRATIONS } from '@/server/db/migrations'
import { rawChange } from '@/testing/databases/test-sql'
import { type OpenDatabase, setUpDatabase } from './testbed'

const sizesOf = (
  codecs: Readonly<Record<string, string>>,
  plainSource: DataFileSizes['plainSource'] = 'counted',
): DataFileSizes => ({ plainBytes: 9, plainSource, encodedBytes: 8, storedBytes: 7, codecs })

export function describeLz4Sizes(open: OpenDatabase): void {
  describe('Sizes of files that loads recorded with another codec than the file has', () => {
    const database = setUpDatabase(open)

    test('are removed by a migration, so that the files are measured again, and no others are', async () => {
      const removed = {
        'file:///lz4': sizesOf({ a: 'lz4' }),
        'file:///lz4-and-others': sizesOf({ a: 'zstd', b: 'gzip, lz4', c: 'lz4_raw' }),
      }
      const kept = {
        'file:///lz4-raw': sizesOf({ a: 'lz4_raw', b: 'gzip, lz4_raw' }),
        'file:///no-lz4': sizesOf({ a: 'zstd' }),
        // Their footers say so.
        'file:///of-others': sizesOf({ a: 'lz4' }, 'estimated'),
        'file:///with-statistics': sizesOf({ a: 'lz4' }, 'size-statistics'),
      }
      const files = Object.entries({ ...removed, ...kept })
      await database().commit(files.map(([path, sizes]) => insertFileSizes('uuid-1', path, sizes)))
      const migration = MIGRATIONS.find(({ name }) => name === 'sizes-of-lz4-loads')
      expect(migration?.sqlite).toEqual(migration?.postgres)
      for (let times = 0; times < 2; times += 1) {
        await database().commit((migration?.sqlite ?? []).map((statement) => rawChange(statement)))
        const left = await readFileSizes(
          database(),
          files.map(([path]) => path),
        )
        expect(Object.fromEntries(left)).toEqual(kept)
      }
    })
  })
}
