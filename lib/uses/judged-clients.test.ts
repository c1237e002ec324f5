import { expect, it } from 'vitest'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableClient, TableClients } from '@/lib/contract/table/clients'
import { clientLabel, clientLimits, describeAccess } from './client-texts'
import { judgeClients, summarizeClients } from './judged-clients'

const NOW_MS = Date.UTC(2026, 10, 26, 1)
const UPGRADE: Intent = { kind: 'upgrade-format-version', formatVersion: 3, base: 2 }
const BLANK: TableClient = { name: null, version: null, library: null, lastReadOn: null, lastWrittenOn: null }
const PYICEBERG: TableClient = { ...BLANK, name: 'PyIceberg', version: '0.12.0', lastWrittenOn: '2026-11-23' }
const SPARK: TableClient = {
  ...BLANK,
  name: 'Spark',
  version: '4.0.1',
  library: 'Apache Iceberg 1.10.0',
  lastReadOn: '2026-11-26',
}
const listOf = (...clients: TableClient[]): TableClients => ({
  clients,
  isTruncated: false,
  recordedSince: '2026-11-12',
})

it('Clients are judged by what they can do after the change, the worst first', () => {
  const old: TableClient = { ...PYICEBERG, version: '0.8.0', lastWrittenOn: '2026-10-27' }
  const clients = listOf(SPARK, { ...BLANK, lastReadOn: '2026-10-28' }, PYICEBERG, old)
  const judged = judgeClients(clients, [UPGRADE], NOW_MS)
  expect(
    judged.map(({ client, state, text }) => [clientLabel(client), describeAccess(client, NOW_MS, 'UTC'), state, text]),
  ).toEqual([
    ['PyIceberg 0.12.0', 'wrote 3 days ago', 'cannot', 'can read, cannot write format version 3'],
    ['a client without a name', 'read 29 days ago', 'unknown', 'format version 3: not known'],
    ['Spark 4.0.1 with Apache Iceberg 1.10.0', 'read today', 'can', 'can read and write format version 3'],
  ])
  expect(summarizeClients(clients, judged)).toBe(
    'Of the 3 known clients of the last 30 days, 1 will no longer be able to write the table and 1 is not known.',
  )
})

it('The summary says what each client loses', () => {
  const oldest: TableClient = { ...PYICEBERG, version: '0.8.1' }
  const summarize = (intents: Intent[], ...clients: TableClient[]) =>
    summarizeClients(listOf(...clients), judgeClients(listOf(...clients), intents, NOW_MS))
  expect(summarize([UPGRADE], oldest)).toBe(
    'The only known client of the last 30 days will no longer be able to read or write the table.',
  )
  const brotli: Intent = { kind: 'set-property', key: 'write.parquet.compression-codec', value: 'brotli', base: null }
  expect(summarize([brotli], SPARK)).toBe(
    'The only known client of the last 30 days will not be able to read new files.',
  )
  expect(summarize([UPGRADE], PYICEBERG, oldest, oldest, SPARK)).toBe(
    'Of the 4 known clients of the last 30 days, 1 will no longer be able to write the table and 2 will no longer be able to read or write the table.',
  )
})

it('The summary says when all can follow, and when none is known', () => {
  const clients = listOf(SPARK)
  expect(summarizeClients(clients, judgeClients(clients, [UPGRADE], NOW_MS))).toBe(
    'The only known client of the last 30 days can use the table as before.',
  )
  const two = listOf(SPARK, SPARK)
  expect(summarizeClients(two, judgeClients(two, [UPGRADE], NOW_MS))).toBe(
    'All 2 known clients of the last 30 days can use the table as before.',
  )
  expect(summarizeClients(listOf(), [])).toBe('No known client used the table in the last 30 days.')
  expect(summarizeClients({ ...listOf(), recordedSince: null }, [])).toBe(
    'No known writer used the table in the last 30 days.',
  )
})

it('What is not known is said: since when clients are recorded, or that a catalog does not say', () => {
  expect(clientLimits({ ...listOf(), isTruncated: true })).toBe(
    'There were more clients than Lakeshore records. Clients have been recorded since 12 Nov 2026, by UTC day. Programs that read the files without the catalog are not known.',
  )
  expect(clientLimits({ ...listOf(), recordedSince: null })).toContain('Which clients read the table is not known')
})

it('A day in UTC has a word only if all of it was one day where the reader is', () => {
  const client = { ...SPARK, lastReadOn: '2026-11-25', lastWrittenOn: '2026-11-26' }
  // 20:00 on the 25th: the day in UTC that began there an hour ago is the same one.
  expect(describeAccess(client, NOW_MS, 'America/New_York')).toBe('wrote today, read 25 Nov (UTC)')
  // 02:00 on the 26th.
  expect(describeAccess(client, NOW_MS, 'Europe/Berlin')).toBe('wrote today, read 25 Nov (UTC)')
  // 00:30 on the 27th, and most of the day in UTC was the 26th there.
  expect(describeAccess(client, Date.UTC(2026, 10, 26, 23, 30), 'Europe/Berlin')).toBe(
    'wrote 26 Nov (UTC), read 25 Nov (UTC)',
  )
  expect(describeAccess(client, NOW_MS, null)).toBe('wrote 26 Nov (UTC), read 25 Nov (UTC)')
})

it('Days are those of UTC, and a library alone does not name its engine', () => {
  expect(describeAccess({ ...SPARK, lastReadOn: '2026-11-25', lastWrittenOn: '2026-11-26' }, NOW_MS, 'UTC')).toBe(
    'wrote today, read yesterday',
  )
  expect(clientLabel({ name: 'Apache Iceberg', version: '1.10.0', library: null })).toBe(
    'Apache Iceberg 1.10.0 (engine not known)',
  )
})
