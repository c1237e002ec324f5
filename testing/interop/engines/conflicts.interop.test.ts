import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { appendOperation } from '@/lib/iceberg/operations/append'
import type { SnapshotOperation } from '@/lib/iceberg/operations/operation'
import { overwriteOperation } from '@/lib/iceberg/operations/overwrite'
import { replaceOperation } from '@/lib/iceberg/operations/replace'
import { rowDeltaOperation } from '@/lib/iceberg/operations/row-delta'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { createRowFilter } from '@/lib/scan/prune/row-filter'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { REST_FIXTURE, SPARK_RUNTIME } from '@/testing/peers/jars'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { fetchJars } from '@/testing/peers/maven'
import { type ForkedTables, startForkedTables } from '../forked-tables'

/**
 * Every operation after every change that another writer may commit in the meantime: valid or not by Iceberg's Java
 * library, which validates with the switches that Spark sets for the isolation level and the command.
 */

const jars = await installOrSkip('Iceberg for Spark', () => fetchJars([SPARK_RUNTIME, REST_FIXTURE]))
const pyspark = installPyspark()
const pyiceberg = installPyiceberg()

/** Java's files are made by `data`, `positions` and `equality`: of a name and a city. */
const PRELUDE = `
jvm = spark._jvm
E = jvm.org.apache.iceberg.expressions.Expressions
def load(name):
    return jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, 'peer.ops.' + name)
def fill(builder, name, city):
    return builder.withPath(load('base').location() + '/data/' + name + '.parquet').withFileSizeInBytes(100).withRecordCount(10).withPartitionPath('city=' + city).build()
def data(name, city):
    return fill(jvm.org.apache.iceberg.DataFiles.builder(load('base').spec()), name, city)
def deletes():
    return jvm.org.apache.iceberg.FileMetadata.deleteFileBuilder(load('base').spec()).withFormat('parquet')
def positions(name, city):
    return fill(deletes().ofPositionDeletes(), name, city)
def equality(name, city):
    ids = spark.sparkContext._gateway.new_array(jvm.int, 1)
    ids[0] = 1
    return fill(deletes().ofEqualityDeletes(ids), name, city)
def paths(*files):
    found = jvm.java.util.ArrayList()
    for file in files: found.add(file.location())
    return found
answer = None
`

/** Another writer's commits. */
const CHANGES = {
  nothing: 'answer = None',
  'rows in the partition': "table.newFastAppend().appendFile(data('n', 'ABQ')).commit()",
  'rows elsewhere': "table.newFastAppend().appendFile(data('n', 'JFK')).commit()",
  'a removed file': "table.newDelete().deleteFile(data('a', 'ABQ')).commit()",
  'a file removed elsewhere': "table.newDelete().deleteFile(data('b', 'JFK')).commit()",
  'an overwritten file': "table.newOverwrite().deleteFile(data('a', 'ABQ')).addFile(data('n', 'ABQ')).commit()",
  'a rewritten file':
    "table.newRewrite().validateFromSnapshot(table.currentSnapshot().snapshotId()).deleteFile(data('a', 'ABQ')).addFile(data('n', 'ABQ')).commit()",
  'deletes by position': "table.newRowDelta().addDeletes(positions('d', 'ABQ')).commit()",
  'deletes by position elsewhere': "table.newRowDelta().addDeletes(positions('d', 'JFK')).commit()",
  'deletes by equality': "table.newRowDelta().addDeletes(equality('e', 'ABQ')).commit()",
  'deletes by equality elsewhere': "table.newRowDelta().addDeletes(equality('e', 'JFK')).commit()",
  'rows and deletes': "table.newRowDelta().addRows(data('n', 'ABQ')).addDeletes(equality('e', 'ABQ')).commit()",
} as const

type Tried = { metadata: TableMetadata; startingSnapshotId: string; startingNumber: number }
/** The same operation twice. `FROM` is where the validation starts, `CITY` the filter for the partition. */
type Case = { java: string; ours: (tried: Tried) => SnapshotOperation }

const file = ({ metadata }: Tried, name: string, city: string, overrides: Partial<DataFile> = {}): DataFile =>
  sampleDataFile(`${metadata.location.replace(/_.*/, '')}/data/${name}.parquet`, { partition: [city], ...overrides })
const cityFilter = ({ metadata }: Tried) =>
  createRowFilter(
    bindPredicate({ kind: 'eq', column: 'city', value: 'ABQ' }, currentSchema(metadata)),
    metadata,
    `city = 'ABQ'`,
  )
const positions = (tried: Tried) => file(tried, 'new-deletes', 'ABQ', { content: 'position-deletes' })

const CASES: Record<string, Case> = {
  append: {
    java: "table.newAppend().appendFile(data('z', 'ABQ')).commit()",
    ours: (tried) => appendOperation([file(tried, 'z', 'ABQ')]),
  },
}
for (const isolation of ['serializable', 'snapshot'] as const) {
  const conflictingData = isolation === 'serializable' ? '.validateNoConflictingData()' : ''
  CASES[`overwrite by file, ${isolation}`] = {
    java: `table.newOverwrite().deleteFile(data('a', 'ABQ')).addFile(data('z', 'ABQ')).validateFromSnapshot(FROM)${conflictingData}.validateNoConflictingDeletes().commit()`,
    ours: (tried) =>
      overwriteOperation({
        added: [file(tried, 'z', 'ABQ')],
        removed: [file(tried, 'a', 'ABQ')],
        validation: { startingSnapshotId: tried.startingSnapshotId, isolation },
      }),
  }
  CASES[`overwrite by file of rows in the partition, ${isolation}`] = {
    java: `table.newOverwrite().deleteFile(data('a', 'ABQ')).addFile(data('z', 'ABQ')).conflictDetectionFilter(CITY).validateFromSnapshot(FROM)${conflictingData}.validateNoConflictingDeletes().commit()`,
    ours: (tried) =>
      overwriteOperation({
        added: [file(tried, 'z', 'ABQ')],
        removed: [file(tried, 'a', 'ABQ')],
        validation: { startingSnapshotId: tried.startingSnapshotId, isolation, conflictFilter: cityFilter(tried) },
      }),
  }
  CASES[`overwrite by filter, ${isolation}`] = {
    java: `table.newOverwrite().overwriteByRowFilter(CITY).addFile(data('z', 'ABQ')).validateAddedFilesMatchOverwriteFilter().validateFromSnapshot(FROM)${conflictingData}.validateNoConflictingDeletes().commit()`,
    ours: (tried) =>
      overwriteOperation({
        added: [file(tried, 'z', 'ABQ')],
        where: cityFilter(tried),
        addedMustMatch: true,
        validation: { startingSnapshotId: tried.startingSnapshotId, isolation },
      }),
  }
  for (const command of ['delete', 'update'] as const) {
    const forUpdate = command === 'update' ? '.validateDeletedFiles().validateNoConflictingDeleteFiles()' : ''
    const forData = isolation === 'serializable' ? '.validateNoConflictingDataFiles()' : ''
    CASES[`${command} by position, ${isolation}`] = {
      java: `table.newRowDelta().addDeletes(positions('new-deletes', 'ABQ')).validateDataFilesExist(paths(data('a', 'ABQ'))).conflictDetectionFilter(CITY).validateFromSnapshot(FROM)${forUpdate}${forData}.commit()`,
      ours: (tried) =>
        rowDeltaOperation({
          added: [positions(tried)],
          referencedDataFiles: new Set([file(tried, 'a', 'ABQ').filePath]),
          startingSnapshotId: tried.startingSnapshotId,
          isolation,
          command,
          conflictFilter: cityFilter(tried),
        }),
    }
  }
}
for (const isNumbered of [true, false]) {
  CASES[`rewrite${isNumbered ? ' under the old sequence number' : ''}`] = {
    java: `table.newRewrite().validateFromSnapshot(FROM)${isNumbered ? '.dataSequenceNumber(NUMBER)' : ''}.deleteFile(data('a', 'ABQ')).addFile(data('z', 'ABQ')).commit()`,
    ours: (tried) =>
      replaceOperation({
        removed: [file(tried, 'a', 'ABQ')],
        added: [file(tried, 'z', 'ABQ')],
        dataSequenceNumber: isNumbered ? tried.startingNumber : null,
        startingSnapshotId: tried.startingSnapshotId,
      }),
  }
}

describe.skipIf(jars === null || pyspark === null || pyiceberg === null)(
  'After a change by another writer (skipped when Spark or PyIceberg is unavailable)',
  () => {
    let forks: ForkedTables
    let start: { id: string; sequenceNumber: number }

    beforeAll(async () => {
      forks = await startForkedTables()
      await forks.sql('CREATE TABLE ops.base (id BIGINT, city STRING) USING iceberg PARTITIONED BY (city)')
      await runJava('base', "table.newFastAppend().appendFile(data('a', 'ABQ')).appendFile(data('b', 'JFK')).commit()")
      const tip = forks.tipOf(await forks.load('base'))
      start = { id: tip?.snapshotId ?? '', sequenceNumber: tip?.sequenceNumber ?? 0 }
    })
    afterAll(async () => {
      await forks?.stop()
    })

    const runJava = (table: string, statement: string) =>
      forks.inSpark(`${PRELUDE}\ntable = load('${table}')\n${statement}`)

    test.each(Object.keys(CHANGES) as (keyof typeof CHANGES)[])(
      'of %s, an operation is valid if Java says so',
      async (change) => {
        const changed = `changed_${Object.keys(CHANGES).indexOf(change)}`
        await forks.fork('base', changed)
        await runJava(changed, CHANGES[change])
        const [expected, actual]: Record<string, unknown>[] = [{}, {}]
        for (const [index, [name, { java, ours }]] of Object.entries(CASES).entries()) {
          const [inJava, here] = [`${changed}_java_${index}`, `${changed}_here_${index}`]
          await forks.fork(changed, inJava)
          await forks.fork(changed, here)
          const statement = java
            .replace('FROM', start.id)
            .replace('NUMBER', String(start.sequenceNumber))
            .replace('CITY', "E.equal('city', 'ABQ')")
          await runJava(inJava, statement).catch((error: Error) => {
            if (!error.message.includes('ValidationException')) throw error
          })
          await forks
            .run(here, async (metadata) => ({
              operation: ours({ metadata, startingSnapshotId: start.id, startingNumber: start.sequenceNumber }),
            }))
            .catch((error: { code?: string }) => {
              if (error.code !== 'commit-conflict') throw error
            })
          Object.assign(expected ?? {}, { [name]: await describeOutcome(inJava) })
          Object.assign(actual ?? {}, { [name]: await describeOutcome(here) })
        }
        expect(actual).toEqual(expected)
      },
    )

    /** The table after the operation; the number of snapshots shows whether the operation was valid. */
    async function describeOutcome(table: string) {
      const loaded = await forks.load(table)
      const { entries } = await forks.describeTip(loaded)
      return { snapshotCount: loaded.metadata.snapshots.length, entries }
    }
  },
)
