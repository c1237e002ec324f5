import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { expectInConsole } from '@/testing/product/expect-in-console'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg } from '@/testing/peers/shared/open-peer'
import { type RestServer, startRestServer } from '@/testing/product/rest-server'

/**
 * PyIceberg's REST client: every step is checked against PyIceberg's reading, and against the console's view of the
 * same table. See `testing/product/rest-server.ts` for how to run the tests against Iceberg's own server.
 */

const python = installPyiceberg()

describe.skipIf(python === null)('PyIceberg over REST (skipped when it is unavailable)', () => {
  let folder: string
  let server: RestServer
  let session: PythonSession

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'pyiceberg-rest-'))
    server = await startRestServer(folder)
    session = openPyiceberg({ uri: server.uri, ...(server.token !== null && { token: server.token }) })
    await session.request({ code: HELPERS })
  })
  afterAll(async () => {
    await session?.stop()
    await server?.stop()
    rmSync(folder, { recursive: true })
  })

  /** Runs Python. @returns the value that it assigned to `answer` */
  const py = <Answer>(code: string) => session.request<Answer>({ code })
  const inConsole = (table: string) => expectInConsole(server.console, 'shop', table)

  test('creates nested namespaces, and changes and drops them', async () => {
    const answer = await py(`
catalog.create_namespace('shop', {'owner': 'ann'})
catalog.create_namespace(('shop', 'north east / über %2F'))
catalog.update_namespace_properties('shop', removals={'owner'}, updates={'team': 'sales'})
below = catalog.list_namespaces('shop')
properties = catalog.load_namespace_properties('shop')
catalog.drop_namespace(('shop', 'north east / über %2F'))
answer = {
  'below': below, 'after': catalog.list_namespaces('shop'), 'owner': properties.get('owner'), 'team': properties['team'],
  'exists': [catalog.namespace_exists('shop'), catalog.namespace_exists('nowhere')],
}`)
    expect(answer).toEqual({
      below: [['shop', 'north east / über %2F']],
      after: [],
      owner: null,
      team: 'sales',
      exists: [true, false],
    })
  })

  test('creates a partitioned table, appends, and reads each of its snapshots', async () => {
    const answer = await py<{ ids: string[] }>(`
orders = catalog.create_table('shop.orders',
  schema=Schema(
    NestedField(1, 'id', LongType(), required=True), NestedField(2, 'city', StringType()),
    NestedField(3, 'fare', DecimalType(9, 2)), NestedField(4, 'at', TimestamptzType()), identifier_field_ids=[1]),
  partition_spec=PartitionSpec(PartitionField(2, 1000, IdentityTransform(), 'city')),
  properties={'write.parquet.compression-codec': 'zstd'})
orders.append(rows([(1, 'ABQ', '1.50', 1), (2, 'JFK', '2.50', 2), (3051729675574597004, 'ÅBC', None, 3)]))
orders.append(rows([(4, None, '4.00', 4)]))
orders = catalog.load_table('shop.orders')
ids = [str(s.snapshot_id) for s in orders.metadata.snapshots]
answer = {
  'ids': ids,
  'read': [read(orders, snapshot_id=int(id)) for id in ids],
  'pruned': [len(list(orders.scan("city == 'JFK'").plan_files())), read(orders, row_filter="city == 'JFK'")],
  'codec': orders.properties['write.parquet.compression-codec'],
}`)
    expect(answer).toEqual({
      ids: [expect.any(String), expect.any(String)],
      read: [
        [`1 ABQ 1.50`, `2 JFK 2.50`, `3051729675574597004 ÅBC None`],
        [`1 ABQ 1.50`, `2 JFK 2.50`, `3051729675574597004 ÅBC None`, `4 None 4.00`],
      ],
      pruned: [1, ['2 JFK 2.50']],
      codec: 'zstd',
    })
    await inConsole('orders').toHave({ rowCount: 4, snapshotIds: answer.ids, partitionedBy: 'city' })
  })

  test('overwrites, deletes and upserts by copying the remaining rows', async () => {
    const answer = await py<{ read: string[]; ids: string[]; operations: string[] }>(`
orders.overwrite(rows([(2, 'JFK', '20.00', 2), (5, 'JFK', '5.00', 5)]), overwrite_filter="city == 'JFK'")
orders.delete("city == 'ABQ' or id == 4")
done = orders.upsert(rows([(5, 'JFK', '50.00', 5), (6, 'LAX', '6.00', 6)]))
orders = catalog.load_table('shop.orders')
answer = {
  'read': read(orders), 'upserted': [done.rows_updated, done.rows_inserted],
  'ids': [str(s.snapshot_id) for s in orders.metadata.snapshots],
  'deletes': int(orders.current_snapshot().summary['total-delete-files']),
}`)
    expect(answer).toMatchObject({
      read: ['2 JFK 20.00', '3051729675574597004 ÅBC None', '5 JFK 50.00', '6 LAX 6.00'],
      upserted: [1, 1],
      deletes: 0,
    })
    await inConsole('orders').toHave({ rowCount: 4, snapshotIds: answer.ids })
  })

  test('changes schema, partitioning, sort order and properties, and still reads old files', async () => {
    const answer = await py<{ columns: string[]; ids: string[] }>(`
with orders.transaction() as change:
  with change.update_schema() as schema:
    schema.add_column('note', StructType(NestedField(100, 'by', StringType()), NestedField(101, 'stars', IntegerType())))
    schema.update_column('fare', DecimalType(12, 2))
    schema.rename_column('fare', 'price')
    schema.move_first('city')
  change.set_properties({'comment': 'all orders'})
with orders.update_spec() as spec:
  spec.add_field('at', MonthTransform(), 'at_month')
  spec.remove_field('city')
with orders.update_sort_order() as order:
  order.asc('id', IdentityTransform())
orders = catalog.load_table('shop.orders')
new = pa.Table.from_pylist([{'city': 'SFO', 'id': 7, 'price': Decimal('7.00'), 'at': at(7), 'note': {'by': 'bo', 'stars': 5}}],
  schema=orders.schema().as_arrow())
orders.append(new)
orders = catalog.load_table('shop.orders')
table = orders.scan().to_arrow().sort_by('id')
answer = {
  'columns': table.column_names,
  'prices': [str(p) for p in table['price'].to_pylist()], 'notes': table['note'].to_pylist(),
  'specs': sorted(s.spec_id for s in orders.specs().values()), 'sort': orders.sort_order().order_id,
  'ids': [str(s.snapshot_id) for s in orders.metadata.snapshots],
}`)
    expect(answer).toMatchObject({
      columns: ['city', 'id', 'price', 'at', 'note'],
      prices: ['20.00', '50.00', '6.00', '7.00', 'None'],
      notes: [null, null, null, { by: 'bo', stars: 5 }, null],
      specs: [0, 1],
      sort: 1,
    })
    await inConsole('orders').toHave({
      rowCount: 5,
      snapshotIds: answer.ids,
      columns: answer.columns,
      partitionedBy: 'month(at)',
      property: ['comment', 'all orders'],
    })
  })

  test('creates tags and branches, and writes to a branch', async () => {
    const answer = await py<{ refs: [string, string, string][] }>(`
first = orders.metadata.snapshots[0].snapshot_id
orders.manage_snapshots().create_tag(first, 'opening', max_ref_age_ms=86400000000).commit()
orders.manage_snapshots().create_branch(orders.current_snapshot().snapshot_id, 'audit').commit()
orders.append(new.set_column(1, orders.schema().as_arrow().field('id'), pa.array([8], pa.int64())), branch='audit')
orders = catalog.load_table('shop.orders')
answer = {
  'refs': sorted([name, ref.snapshot_ref_type.value, str(ref.snapshot_id)] for name, ref in orders.metadata.refs.items()),
  'counts': [orders.scan().use_ref('opening').to_arrow().num_rows, orders.scan().use_ref('audit').to_arrow().num_rows, orders.scan().to_arrow().num_rows],
}`)
    expect(answer).toMatchObject({ counts: [3, 6, 5] })
    expect(answer.refs.map(([name, type]) => [name, type])).toEqual([
      ['audit', 'branch'],
      ['main', 'branch'],
      ['opening', 'tag'],
    ])
    await inConsole('orders').toHave({ rowCount: 5, refs: answer.refs })
  })

  test('reads the old rows after a rollback in the console, and appends to them', async ({ skip }) => {
    const { console } = server
    if (console === null) return skip('this server has no console')
    const before = await py<{ ids: string[]; then: string[] }>(`
ids = [str(e.snapshot_id) for e in orders.history()]
answer = {'ids': ids, 'then': read(orders, snapshot_id=int(ids[1]))}`)
    await console.rollBack('shop', 'orders', String(before.ids[1]))
    const after = await py<{ read: string[] }>(`
orders = catalog.load_table('shop.orders')
answer = {'read': read(orders)}`)
    expect(after.read).toEqual(before.then)
    const appended = await py<{ rows: number }>(`
orders.append(new)
answer = {'rows': catalog.load_table('shop.orders').scan().to_arrow().num_rows}`)
    expect(appended.rows).toBe(before.then.length + 1)
    await inConsole('orders').toHave({ rowCount: before.then.length + 1 })
  })

  test('creates a table with its first rows in one commit, or not at all', async () => {
    const answer = await py(`
with catalog.create_table_transaction('shop.staged', schema=pa.schema([('id', pa.int64())])) as change:
  seen = catalog.table_exists('shop.staged')
  change.set_properties({'made': 'at once'})
  change.append(pa.table({'id': pa.array([1, 2], pa.int64())}))
staged = catalog.load_table('shop.staged')
answer = {'seen': seen, 'rows': staged.scan().to_arrow().num_rows, 'made': staged.properties['made'],
  'again': raised(lambda: catalog.create_table('shop.staged', schema=pa.schema([('id', pa.int64())])))}`)
    expect(answer).toEqual({ seen: false, rows: 2, made: 'at once', again: 'TableAlreadyExistsError' })
    await inConsole('staged').toHave({ rowCount: 2 })
  })

  // Iceberg's own server stores these properties of PyIceberg as ordinary ones.
  test.skipIf(process.env.INTEROP_SERVER === 'fixture')(
    'upgrades a table by format-version (skipped on Iceberg’s own server), which is not stored as a property, and cannot set reserved properties',
    async () => {
      const answer = await py(`
old = catalog.create_table('shop.old', schema=pa.schema([('id', pa.int64())]), properties={'format-version': '1'})
made = old.metadata.format_version
with old.transaction() as change:
  change.set_properties({'format-version': '2', 'owner': 'ann'})
def set_uuid():
  with old.transaction() as change:
    change.set_properties({'uuid': 'x'})
refused = raised(set_uuid)
old = catalog.load_table('shop.old')
answer = {'made': made, 'now': old.metadata.format_version, 'refused': refused,
  'kept': [key for key in ('format-version', 'uuid', 'owner') if key in old.properties]}
catalog.drop_table('shop.old')`)
      expect(answer).toEqual({ made: 1, now: 2, refused: 'BadRequestError', kept: ['owner'] })
    },
  )

  test('loses no row of concurrent writers', async () => {
    const answer = await py<{ ids: number[] }>(`
from concurrent.futures import ThreadPoolExecutor
catalog.create_table('shop.busy', schema=pa.schema([('id', pa.int64())]))
def one(id):
  for attempt in range(40):
    try:
      return catalog.load_table('shop.busy').append(pa.table({'id': pa.array([id], pa.int64())}))
    except CommitFailedException:
      pass
  raise Exception(f'{id} was never appended')
with ThreadPoolExecutor(4) as pool:
  list(pool.map(one, range(16)))
answer = {'ids': sorted(catalog.load_table('shop.busy').scan().to_arrow()['id'].to_pylist())}`)
    expect(answer.ids).toEqual(Array.from({ length: 16 }, (_, id) => id))
    await inConsole('busy').toHave({ rowCount: 16 })
  })

  test('renames, registers and drops tables, and raises its own exceptions for missing ones', async () => {
    const answer = await py(`
catalog.create_namespace('depot')
staged = catalog.rename_table('shop.staged', 'depot.moved')
location = staged.metadata_location
catalog.drop_table('depot.moved')
registered = catalog.register_table('depot.back', location)
answer = {
  'tables': [catalog.list_tables('depot'), sorted(catalog.list_tables('shop'))],
  'rows': registered.scan().to_arrow().num_rows,
  'raised': [
    raised(lambda: catalog.load_table('shop.staged')), raised(lambda: catalog.list_tables('nowhere')),
    raised(lambda: catalog.drop_namespace('shop')), raised(lambda: catalog.create_namespace('shop')),
    raised(lambda: catalog.rename_table('depot.back', 'shop.busy')), raised(lambda: catalog.drop_table('depot.moved')),
  ],
  'views': catalog.list_views('shop'),
}
catalog.drop_table('depot.back')
catalog.drop_namespace('depot')`)
    expect(answer).toEqual({
      tables: [
        [['depot', 'back']],
        [
          ['shop', 'busy'],
          ['shop', 'orders'],
        ],
      ],
      rows: 2,
      raised: [
        'NoSuchTableError',
        'NoSuchNamespaceError',
        'NamespaceNotEmptyError',
        'NamespaceAlreadyExistsError',
        'TableAlreadyExistsError',
        'NoSuchTableError',
      ],
      views: [],
    })
  })
})

const HELPERS = `
from datetime import datetime, timezone
from decimal import Decimal
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform, MonthTransform
from pyiceberg.types import DecimalType, IntegerType, LongType, NestedField, StringType, StructType, TimestamptzType
def at(day): return datetime(2026, 1, day, 12, tzinfo=timezone.utc)
def rows(of): return pa.Table.from_pylist(
  [{'id': id, 'city': city, 'fare': fare and Decimal(fare), 'at': at(day)} for id, city, fare, day in of],
  schema=catalog.load_table('shop.orders').schema().as_arrow())
def read(table, **scan): return sorted(
  f"{r['id']} {r['city']} {r.get('price', r.get('fare'))}" for r in table.scan(**scan).to_arrow().to_pylist())
def raised(what):
  try: what()
  except Exception as e: return type(e).__name__
`
