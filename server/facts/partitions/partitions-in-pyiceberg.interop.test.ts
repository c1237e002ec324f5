import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { netOfSums, sumTerms } from '@/lib/facts/term-sums'
import { findFactTable } from '@/server/db/facts/fact-tables'
import { readPartitionsBetween } from '@/server/db/facts/partitions/partition-days'
import { toDay } from '@/server/db/facts/sum-tables'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { collectFacts } from '@/testing/facts/collect-facts'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg } from '@/testing/peers/shared/open-peer'
import { ByteBudget } from '../byte-budget'
import { PartitionReader } from './partition-reader'

/** The facts of a table by partition, whose whole history was read, are the partitions that PyIceberg lists. */

const TABLE = { catalog: 'local', namespace: ['shop'], table: 'orders' }
const MEASURES = ['rows', 'files', 'bytes'] as const
const home = createTestHome()

describe.skipIf(installPyiceberg() === null)('Facts by partition (skipped without PyIceberg)', () => {
  let listener: RestListener
  let session: PythonSession

  beforeAll(async () => {
    listener = await startRestListener(home.services)
    await signInAs(home.services, 'admin')
    const token = await createRestTokenAs(home.services, 'admin')
    session = openPyiceberg({ uri: listener.uri, token, warehouse: 'local' })
  })
  afterAll(async () => {
    await session?.stop()
    await listener?.stop()
  })

  test('are its partitions after appends, overwrites, deletes, another spec and a rollback', async () => {
    await session.request({ code: WRITE })
    const listed = await session.request<Record<string, Record<(typeof MEASURES)[number], number>>>({ code: LIST })
    await collectFacts(home.services)
    await new PartitionReader(home.services, new ByteBudget(1e9)).run(new AbortController().signal)
    const sums = await readSums()
    expect(Object.keys(listed).length).toBeGreaterThan(3)
    for (const measure of MEASURES)
      expect(sums[measure]).toEqual(
        Object.fromEntries(Object.entries(listed).map(([name, amounts]) => [name, amounts[measure]])),
      )
  })

  async function readSums() {
    const table = await findFactTable(home.database, TABLE)
    const all = await readPartitionsBetween(home.database, {
      tableIds: [table?.id ?? 0],
      fromDay: 0,
      toDay: toDay(Date.now()) + 1,
    })
    const netsOf = (measure: (typeof MEASURES)[number]) =>
      Object.fromEntries(
        [...Map.groupBy(all, ({ partition }) => partition)]
          .map(([name, of]): [string, number] => [
            name,
            netOfSums(sumTerms(of.map((sum) => ({ term: sum.term, amount: sum[measure] })))),
          ])
          .filter(([, net]) => net !== 0),
      )
    return { rows: netsOf('rows'), files: netsOf('files'), bytes: netsOf('bytes') }
  }
})

const WRITE = `
from pyiceberg.partitioning import PartitionSpec, PartitionField
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType
catalog.create_namespace('shop')
schema = Schema(NestedField(1, 'id', LongType()), NestedField(2, 'day', LongType()), NestedField(3, 'city', StringType()))
spec = PartitionSpec(PartitionField(source_id=2, field_id=1000, transform=IdentityTransform(), name='day'))
one = catalog.create_table('shop.orders', schema=schema, partition_spec=spec)
def rows(first, count, day, city='ulm'):
  return pa.table({'id': pa.array(range(first, first + count), pa.int64()), 'day': pa.array([day] * count, pa.int64()), 'city': [city] * count})
for day in range(5): one.append(pa.concat_tables([rows(100 * day, 10 + day, day), rows(1000 + 100 * day, 3, day + 1)]))
one.overwrite(pa.concat_tables([rows(5000, 7, 1), rows(5100, 40, 2)]), 'day >= 1 and day < 3')
one.delete('day = 4')
one.delete('id = 300')
kept = one.current_snapshot().snapshot_id
one.append(rows(6000, 100, 9))
one.manage_snapshots().rollback_to_snapshot(kept).commit()
with one.update_spec() as change: change.add_field('city', IdentityTransform(), 'city')
one.append(rows(7000, 5, 3, 'bonn'))
`

const LIST = `
one = catalog.load_table('shop.orders')
def label(partition): return ', '.join(f'{name}={"null" if value is None else value}' for name, value in partition.items())
answer = {}
for row in one.inspect.partitions().to_pylist():
  partition = {name: value for name, value in row['partition'].items() if row['spec_id'] == 1 or name == 'day'}
  if row['file_count'] > 0: answer[label(partition)] = {'rows': row['record_count'], 'files': row['file_count'],
    'bytes': row['total_data_file_size_in_bytes']}
`
