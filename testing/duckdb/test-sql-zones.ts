import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSqlZones, READER_ZONES, SHOWN_STATEMENTS, type SqlZones, zonedStatements } from './sql-zones'

/** Compares an adapter with native DuckDB for readers in each zone. */
export function testSqlZones(openAdapter: Parameters<typeof openSqlZones>[0]): void {
  let zones: SqlZones

  beforeAll(async () => {
    zones = await openSqlZones(openAdapter)
  })
  afterAll(() => zones.close())

  describe.each(READER_ZONES)('a reader in %s', (zone) => {
    test.each(SHOWN_STATEMENTS)('sees the rows that native DuckDB shows: %s', async (sql) => {
      const expected = await zones.showNatively(sql, { session: 'UTC', reader: zone })
      expect(expected).not.toHaveLength(0)
      expect(await zones.showInAdapter(sql, { reader: zone })).toEqual(expected)
    })

    test.each(zonedStatements(zone))('converts as a session there: $ours, $native', async (statement) => {
      const { ours, native, parameters } = statement
      const expected = await zones.showNatively(native, { session: zone, reader: zone })
      const shown = await zones.showInAdapter(ours, { reader: zone, parameters })
      expect(expected).not.toHaveLength(0)
      expect(shown).toEqual(expected)
    })
  })
}
