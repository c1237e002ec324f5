import { expect, test } from 'vitest'
import { call } from '@/lib/api/call'
import { commitChanges, reviewChanges } from '@/lib/contract/table/changes'
import { listFiles } from '@/lib/contract/table/files'
import { listHistory, undoAction } from '@/lib/contract/table/history'
import { previewRefMove } from '@/lib/contract/table/refs'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { getTable } from '@/lib/contract/table/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { S3Server } from '@/testing/stores/s3-server'
import { readShownRows } from '@/testing/product/browser-client'
import type { PythonSession } from '@/testing/peers/python-session'

/** A table that PyIceberg creates and a person changes in the console. PyIceberg checks each step, too. */

/**
 * Creates `shop.trips`: nested types, partitions, two appends with a column renamed between them, and a third append on
 * a branch.
 */
export const CREATE_TRIPS = `
from datetime import datetime, timezone
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import IntegerType, ListType, LongType, MapType, NestedField, StringType, StructType, TimestamptzType
catalog.create_namespace('shop', {'owner': 'ann'})
trips = catalog.create_table('shop.trips', partition_spec=PartitionSpec(PartitionField(2, 1000, IdentityTransform(), 'city')),
  schema=Schema(NestedField(1, 'id', LongType(), required=True), NestedField(2, 'city', StringType()),
    NestedField(3, 'stop', StructType(
      NestedField(5, 'at', TimestamptzType()), NestedField(6, 'marks', ListType(7, IntegerType(), element_required=False)))),
    NestedField(4, 'tags', MapType(8, StringType(), 9, LongType(), value_required=False))))
def rows(*of):
  return pa.Table.from_pylist([dict(zip(trips.schema().column_names[:1] + [trips.schema().find_column_name(2), 'stop', 'tags'], row)) for row in of],
    schema=trips.schema().as_arrow())
def ids(**scan): return [str(id) for id in sorted(catalog.load_table('shop.trips').scan(**scan).to_arrow()['id'].to_pylist())]
noon = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
trips.append(rows((1, 'ABQ', {'at': noon, 'marks': [1, None, 3]}, [('a', 1)]), (2, 'JFK', {'at': None, 'marks': []}, [])))
with trips.update_schema() as change: change.rename_column('city', 'town')
trips.append(rows((3051729675574597004, 'ÅBC', None, None)))
trips.manage_snapshots().create_branch(trips.current_snapshot().snapshot_id, 'audit').commit()
trips.append(rows((4, None, None, [('b', None)])), branch='audit')
answer = [str(s.snapshot_id) for s in catalog.load_table('shop.trips').metadata.snapshots]
`

/** PyIceberg's properties for files in an S3 store, with its own keys. */
export function pyicebergS3Properties(s3: S3Server): Record<string, string> {
  return {
    's3.endpoint': s3.endpoint,
    's3.region': s3.region,
    's3.access-key-id': s3.accessKeyId,
    's3.secret-access-key': s3.secretAccessKey,
  }
}

const BIG = 3051729675574597004n
const NOON_US = BigInt(Date.UTC(2026, 0, 1, 12)) * 1000n
export const FIRST_TRIPS = [
  [1n, 'ABQ', [NOON_US, [1, null, 3]], [['a', 1n]]],
  [2n, 'JFK', [null, []], []],
]
export const SECOND_TRIP = [BIG, 'ÅBC', null, null]
const CODEC = 'write.parquet.compression-codec'

export type Trips = { identifier: TableIdentifier; python: PythonSession; snapshotIds: readonly string[] }

/** The tests of `shop.trips` in one catalog. They depend on each other. */
export function testTrips(trips: () => Trips): void {
  const py = <Answer>(code: string) => trips().python.request<Answer>({ code })
  const readIds = () => py<string[]>('answer = ids()')

  test('shows a table with its files and snapshots, and the rows of each snapshot', async () => {
    const { identifier, snapshotIds } = trips()
    const detail = await call(getTable, identifier)
    expect(detail.figures).toMatchObject({ rowCount: 3, dataFileCount: 3 })
    expect(detail.schema.fields.map(({ name }) => name)).toEqual(['id', 'town', 'stop', 'tags'])
    expect(detail.refs.map(({ name, type }) => `${type} ${name}`).sort()).toEqual(['branch audit', 'branch main'])
    const listed = await call(listSnapshots, identifier)
    expect(listed.snapshots.map(({ snapshotId }) => snapshotId)).toEqual(snapshotIds.toReversed())
    expect(listed.mainSnapshotId).toBe(snapshotIds[1])
    const { files } = await call(listFiles, identifier)
    expect(files.map(({ partition, recordCount }) => `${partition} ${recordCount}`).sort()).toEqual([
      'city=ABQ 1',
      'city=JFK 1',
      'city=ÅBC 1',
    ])

    const [one, two] = FIRST_TRIPS
    expect(await readShownRows(identifier)).toEqual([one, two, SECOND_TRIP])
    expect(await readShownRows(identifier, { snapshotId: String(snapshotIds[0]) })).toEqual(FIRST_TRIPS)
    const onBranch = [4n, null, null, [['b', null]]]
    expect(await readShownRows(identifier, { ref: 'audit' })).toEqual([one, two, SECOND_TRIP, onBranch])
  })

  test('changes a setting as it was reviewed, which PyIceberg then reads, and never overwrites a concurrent change', async () => {
    const { identifier } = trips()
    const intents = [{ kind: 'set-property', key: CODEC, value: 'gzip', base: await readCodec() } as const]
    const review = await call(reviewChanges, { ...identifier, intents })
    if (!('conflicts' in review)) throw new Error(review.problem.detail)
    expect(review.conflicts).toEqual([])
    expect(JSON.parse(review.request?.body ?? '')).toMatchObject({
      updates: [{ action: 'set-properties', updates: { [CODEC]: 'gzip' } }],
    })
    await call(commitChanges, { ...identifier, intents })
    expect(await readCodec()).toBe('gzip')

    await py(
      `catalog.load_table('shop.trips').transaction().set_properties({'${CODEC}': 'snappy'}).commit_transaction()`,
    )
    const staleIntents = [{ kind: 'set-property', key: CODEC, value: 'zstd', base: 'gzip' } as const]
    expect(await call(reviewChanges, { ...identifier, intents: staleIntents })).toMatchObject({
      conflicts: [{ current: 'snappy' }],
    })
    await expect(call(commitChanges, { ...identifier, intents: staleIntents })).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    expect(await readCodec()).toBe('snappy')
  })

  test('rolls back, so that PyIceberg reads the old rows, and undoes the rollback', async () => {
    const { identifier, snapshotIds } = trips()
    const [snapshot = ''] = snapshotIds
    const tag = { safetyTagName: 'before-rollback' }
    const preview = await call(previewRefMove, { ...identifier, branch: 'main', snapshot, ...tag })
    if ('problem' in preview) throw new Error(preview.problem.detail)
    const { intent, impact } = preview
    expect(impact.rows).toMatchObject({ now: 3, removed: 1, after: 2 })
    expect(intent.kind).toBe('roll-back')
    const commit = { intents: [intent], confirmedName: 'shop.trips' }
    const { auditId } = await call(commitChanges, { ...identifier, ...commit })
    expect(await readIds()).toEqual(['1', '2'])
    expect(await readShownRows(identifier)).toEqual(FIRST_TRIPS)

    const { entries } = await call(listHistory, identifier)
    expect(entries.find((entry) => entry.auditId === auditId)).toMatchObject({ source: 'console', isUndoable: true })
    await call(undoAction, { ...identifier, auditId })
    expect(await readIds()).toEqual(['1', '2', String(BIG)])
    expect(await readShownRows(identifier)).toEqual([...FIRST_TRIPS, SECOND_TRIP])
  })

  const readCodec = () => py<string | null>(`answer = catalog.load_table('shop.trips').properties.get('${CODEC}')`)
}
