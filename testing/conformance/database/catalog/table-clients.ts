import { describe, expect, test } from 'vitest'
import {
  type ClientUse,
  clientUseChanges,
  dayStartMs,
  firstRecordedDay,
  MAX_CLIENT_ROWS_PER_DAY,
  oldClientUsesChange,
  readClientUses,
  toUtcDay,
} from '@/server/db/catalog/table-clients'
import { countRows, type OpenDatabase, setUpDatabase } from '@/testing/conformance/database/testbed'

const TABLE = 'd20125c8'
const PYICEBERG = { name: 'PyIceberg', version: '0.12.0', library: null }
const SPARK = { name: 'Spark', version: '3.5.6', library: 'Apache Iceberg 1.10.0' }

export function describeTableClients(open: OpenDatabase): void {
  describe('Clients of tables', () => {
    const database = setUpDatabase(open)
    const today = () => toUtcDay(database().nowMs())
    const record = (...uses: (Partial<ClientUse> & Pick<ClientUse, 'day'>)[]) =>
      database().commit(
        clientUseChanges(uses.map((use) => ({ tableUuid: TABLE, client: PYICEBERG, access: 'read', ...use }))),
      )
    const read = (tableUuid = TABLE, sinceDay = 0, limit = 10) =>
      readClientUses(database(), tableUuid, { sinceDay, limit })

    test('have one row for each client, day and kind of access, however often they are recorded', async () => {
      const day = today()
      await record({ day }, { day }, { day: day - 1 }, { day: day - 3, access: 'write' })
      await record({ day }, { day: day - 1, client: SPARK }, { day, tableUuid: 'other', client: SPARK })
      expect(await countRows(database(), 'table_clients')).toBe(5)
      expect(await read()).toEqual({
        uses: [
          { client: PYICEBERG, access: 'read', day },
          { client: SPARK, access: 'read', day: day - 1 },
          { client: PYICEBERG, access: 'write', day: day - 3 },
        ],
        isTruncated: false,
      })
      expect((await read(TABLE, day - 2)).uses).toHaveLength(2)
      expect(await read('never')).toEqual({ uses: [], isTruncated: false })
    })

    test('that name nothing are one', async () => {
      const client = { name: null, version: null, library: null }
      await record({ day: 5, tableUuid: 'unnamed', client }, { day: 6, tableUuid: 'unnamed', client })
      expect((await read('unnamed')).uses).toEqual([{ client, access: 'read', day: 6 }])
    })

    test('are bounded for a day and for a list, which says so', async () => {
      const uses = Array.from({ length: MAX_CLIENT_ROWS_PER_DAY + 2 }, (_, i) => ({
        day: 9,
        tableUuid: 'many',
        client: { ...PYICEBERG, version: `0.${i}` },
      }))
      await record(...uses.slice(0, MAX_CLIENT_ROWS_PER_DAY - 1))
      expect(await read('many', 0, 100)).toMatchObject({ isTruncated: false })
      expect(await read('many')).toMatchObject({ isTruncated: true })
      await record(...uses, { day: 10, tableUuid: 'many' })
      expect(await countRows(database(), "table_clients WHERE table_uuid = 'many'")).toBe(MAX_CLIENT_ROWS_PER_DAY + 1)
      expect(await read('many', 0, 100)).toMatchObject({ isTruncated: true })
      expect(await read('many', 10, 100)).toMatchObject({ isTruncated: false })
    })

    test('of 90 days ago are removed', async () => {
      const day = today()
      await record({ day: day - 90, tableUuid: 'old' }, { day: day - 89, tableUuid: 'old', access: 'write' })
      await database().commit([oldClientUsesChange()])
      expect((await read('old')).uses).toEqual([{ client: PYICEBERG, access: 'write', day: day - 89 }])
      expect((await read()).uses).toHaveLength(3)
    })

    test('are recorded since the database has their table', async () => {
      const first = await firstRecordedDay(database())
      expect(first).toBeLessThanOrEqual(today())
      expect(dayStartMs(first)).toBeGreaterThan(database().nowMs() - 2 * 24 * 60 * 60_000)
    })
  })
}
