import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import { parsePredicateText } from '@/lib/scan/predicate/predicate-text'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { findRows } from '@/testing/iceberg/find-rows'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openSpark } from '@/testing/peers/shared/open-peer'

const spark = installPyspark()
const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const home = createTestHome()
const codecs: AvroCodecs = {
  deflate: (bytes) => bytes,
  decompress: (_codec, bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: maxBytes }),
}

/** Four files of five rows each, whose texts begin alike, with nulls, NaN, zeros of both signs and the ends of types. */
const ROWS = `
from decimal import Decimal
from datetime import datetime
words = ['aaa', 'aab', 'a\\U0001f986x', 'a\\U0001f986y', '\\uffff', '\\U0010ffffz', '', None, 'b', 'bä']
def rows(f):
    for i in range(5):
        n = 5 * f + i
        w = words[(3 * f + i) % len(words)]
        d = [0.0, -0.0, float('nan'), None, float('inf')][i] if f % 2 else n - 10.5
        yield (None if n == 7 else (n - 10) * 2**55, w, None if w is None else w.encode()[:3], d, Decimal(n - 10) / 4,
               datetime(1969 + f, 12, 31, 23, 59, 59, 999999 if i else 0))
for f in range(4):
    frame = spark.createDataFrame(list(rows(f)), 'id bigint, s string, b binary, d double, m decimal(20,2), ts timestamp_ntz')
    frame.coalesce(1).writeTo(TABLE).append()
answer = 0
`

/** Each with the same condition in Spark's language, in which NaN is greater than every number. */
const FILTERS: readonly (readonly [string, string])[] = [
  ['s = "a🦆x"', "s = 'a🦆x'"],
  ['s > "aab"', "s > 'aab'"],
  ['s <= "a"', "s <= 'a'"],
  ['s starts with "a🦆"', "s like 'a🦆%'"],
  ['s = ""', "s = ''"],
  ['s is null', 's is null'],
  ['d = 0', 'd = 0'],
  ['d is nan', 'isnan(d)'],
  ['d > 8', 'd > 8 and not isnan(d)'],
  ['m < -1.5', 'm < -1.50'],
  ['m in (2, 2.25)', 'm in (2.00, 2.25)'],
  ['id >= 36028797018963968', 'id >= 36028797018963968'],
  ['ts < "1970-12-31T23:59:59.999999"', "ts < timestamp_ntz '1970-12-31 23:59:59.999999'"],
]

const MODES = ['none', 'counts', 'truncate(1)', 'truncate(2)', 'full']

describe.skipIf(spark === null || jar === null)('Tables of Spark (skipped when it is unavailable)', () => {
  let listener: RestListener
  let session: PythonSession

  beforeAll(async () => {
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'create-namespace', namespace: ['metrics'], properties: {} })
    listener = await startRestListener(home.services)
    const token = await createRestTokenAs(home.services, 'admin')
    session = openSpark({ uri: listener.uri, token, warehouse: 'local' })
  })
  afterAll(async () => {
    await session?.stop()
    await listener?.stop()
  })

  test.each([...MODES.map((mode) => [mode, '2'] as const), ['truncate(2)', '3'] as const])(
    'with metrics %s and deletes of format version %s have the rows that Spark finds, for every filter',
    async (mode, version) => {
      const table = `t_${MODES.indexOf(mode)}_v${version}`
      const name = `metrics.${table}`
      const properties = {
        'format-version': version,
        'write.metadata.metrics.default': mode,
        'write.delete.mode': 'merge-on-read',
      }
      const list = Object.entries(properties).map(([key, value]) => `'${key}' = '${value}'`)
      await session.request({
        sql: `CREATE TABLE ${name} (id bigint, s string, b binary, d double, m decimal(20,2), ts timestamp_ntz) USING iceberg TBLPROPERTIES (${list.join(', ')})`,
      })
      await session.request({ code: ROWS.replace('TABLE', `'${name}'`) })
      await session.request({ sql: `DELETE FROM ${name} WHERE m IN (-2.00, 2.00)` })
      const expected = await session.request<string[][]>({
        code: `
found = lambda where: sorted(str(row['m']) for row in spark.table('${name}').where(where).select('m').collect())
answer = [found(where) for where in ${JSON.stringify(FILTERS.map(([, where]) => where))}]`,
      })
      const { metadata } = await (await openTestCatalog(home.services)).loadTable({
        catalog: 'local',
        namespace: ['metrics'],
        table,
      })
      const snapshot = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId) ?? null
      expect(Number(snapshot?.summary['total-delete-files'])).toBeGreaterThan(0)
      const read = (file: string) => new Uint8Array(readFileSync(home.services.stores.localPath(file)))
      const found: string[][] = []
      for (const [filter] of FILTERS) {
        const { rows } = await findRows({ metadata, snapshot, codecs, read }, parsePredicateText(filter), [5])
        found.push(rows.map(({ values: [cents] }) => (Number(cents) / 100).toFixed(2)).toSorted())
      }
      expect(found).toEqual(expected)
      expect(found.filter((rows) => rows.length > 0).length).toBeGreaterThanOrEqual(FILTERS.length - 1)
    },
  )
})
