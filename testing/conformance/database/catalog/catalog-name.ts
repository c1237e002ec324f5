import { describe, expect, onTestFinished, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { settleCatalogName } from '@/server/db/catalog/catalog-name'
import type { Database } from '@/server/db/database'
import { runConcurrently, CONCURRENCY, countRows, type OpenDatabase } from '../testbed'

export function describeCatalogName(open: OpenDatabase): void {
  describe('The name of the catalog', () => {
    const openDatabase = async (): Promise<Database> => {
      const database = await open()
      onTestFinished(() => database.close())
      return database
    }
    /** Inserts a table and a namespace as another program would. */
    const insertRowsNamed = (database: Database, table: string, namespace = table) =>
      database.commit([
        rawChange(
          `INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location) VALUES (?, 'a', 't', 'm')`,
          [table],
        ),
        rawChange(
          `INSERT INTO iceberg_namespace_properties (catalog_name, namespace, property_key, property_value)
            VALUES (?, 'a', 'exists', 'true')`,
          [namespace],
        ),
      ])

    test('is set by the first of many concurrent processes', async () => {
      const database = await openDatabase()
      const { done, refused } = await runConcurrently((i) => settleCatalogName(database, `name-${i}`))
      expect(refused).toEqual([])
      expect(new Set(done).size).toBe(1)
      expect(done).toHaveLength(CONCURRENCY)
      expect(await settleCatalogName(database, 'late')).toBe(done[0])
    })

    test('is that of tables which another program created, and a wrong name is not stored', async () => {
      const database = await openDatabase()
      await insertRowsNamed(database, 'prod')
      expect(await settleCatalogName(database, 'local')).toBe('prod')
      expect(await countRows(database, 'catalog_name')).toBe(0)
      expect(await settleCatalogName(database, 'prod')).toBe('prod')
      expect(await settleCatalogName(database, 'local')).toBe('prod')
    })

    test('is free to choose when other programs have catalogs of several names', async () => {
      const database = await openDatabase()
      await insertRowsNamed(database, 'prod', 'test')
      expect(await settleCatalogName(database, 'local')).toBe('local')
      expect(await settleCatalogName(database, 'prod')).toBe('local')
    })
  })
}
