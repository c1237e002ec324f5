import { describe, expect, it } from 'vitest'
import { sampleMetadata, SAMPLE_SNAPSHOT_IDS } from '@/testing/iceberg/sample-metadata'
import type { Intent } from './intent'
import { statementsForIntents } from './intent-statements'

const TABLE = { catalog: 'Local', namespace: ['a`b', 'c'], table: `t"x` }
const SPARK = '`Local`.`a``b`.`c`.`t"x`'
const TRINO = '"local"."a`b.c"."t""x"'
const metadata = sampleMetadata()
const [first, , , tip] = SAMPLE_SNAPSHOT_IDS

const set = (key: string, value: string): Intent => ({ kind: 'set-property', key, value, base: null })
const add = (name: string, type: string, change: Partial<Extract<Intent, { kind: 'add-column' }>> = {}): Intent => ({
  kind: 'add-column',
  parentId: null,
  parent: [],
  name,
  type,
  required: false,
  doc: null,
  initialDefault: null,
  writeDefault: null,
  after: null,
  ...change,
})
const scripts = (...intents: Intent[]) => statementsForIntents(metadata, intents, TABLE)

describe('statements for other engines', () => {
  it('quote names and texts as each engine reads them', () => {
    const { spark, trino, pyiceberg } = scripts(add('n`"\'x', 'long', { doc: `it's \\ \${v}\n"q"` }))
    expect(spark.statements).toEqual([
      `ALTER TABLE ${SPARK} ADD COLUMN \`n\`\`"'x\` BIGINT COMMENT 'it\\'s \\\\ \\u0024{v}\\n"q"' FIRST`,
    ])
    expect(trino.statements).toEqual([
      `ALTER TABLE ${TRINO} ADD COLUMN "n\`""'x" bigint COMMENT 'it''s \\ \${v}\n"q"' FIRST`,
    ])
    expect(pyiceberg.text).toBe(
      [
        'from pyiceberg import types',
        '',
        '# catalog is what load_catalog returns.',
        'table = catalog.load_table(("a`b", "c", "t\\"x"))',
        'with table.transaction() as transaction:',
        '    with transaction.update_schema() as schema:',
        `        schema.add_column("n\`\\"'x", types.LongType(), doc="it's \\\\ \${v}\\n\\"q\\"")`,
        `        schema.move_first("n\`\\"'x")`,
      ].join('\n'),
    )
  })

  it('use the names that earlier changes of the commit gave', () => {
    const [column] = metadata.schemas.at(-1)?.fields ?? []
    const target = { fieldId: column?.id ?? 0, column: [column?.name ?? ''] }
    const { spark } = scripts(
      { kind: 'rename-column', name: 'renamed', movesProperties: false, ...target },
      { kind: 'set-column-doc', doc: 'd', base: column?.doc ?? null, ...target },
    )
    expect(spark.statements).toEqual([
      `ALTER TABLE ${SPARK} RENAME COLUMN \`${column?.name}\` TO \`renamed\``,
      `ALTER TABLE ${SPARK} ALTER COLUMN \`renamed\` COMMENT 'd'`,
    ])
    expect(spark.commitCount).toBe(2)
  })

  it('give a column a temporary name while another takes its name', () => {
    const fields = [
      { id: 1, name: 'a', required: false, type: 'int' },
      { id: 2, name: 'b', required: false, type: 'int' },
    ] as const
    const table = { ...metadata, schemas: metadata.schemas.map((schema) => ({ ...schema, fields })) }
    const rename = (fieldId: number, from: string, to: string): Intent => ({
      kind: 'rename-column',
      fieldId,
      column: [from],
      name: to,
      movesProperties: true,
    })
    const { spark, trino, pyiceberg } = statementsForIntents(table, [rename(1, 'a', 'b'), rename(2, 'b', 'a')], TABLE)
    expect(spark.statements).toEqual([
      `ALTER TABLE ${SPARK} RENAME COLUMN \`b\` TO \`b_temporary\``,
      `ALTER TABLE ${SPARK} RENAME COLUMN \`a\` TO \`b\``,
      `ALTER TABLE ${SPARK} RENAME COLUMN \`b_temporary\` TO \`a\``,
    ])
    expect([spark.commitCount, trino.commitCount, pyiceberg.commitCount]).toEqual([3, 3, 1])
    expect(pyiceberg.text.match(/rename_column\(.*/g)).toEqual([
      'rename_column("b", "b_temporary")',
      'rename_column("a", "b")',
      'rename_column("b_temporary", "a")',
    ])
  })

  it('leave out what needs a change that the engine lacks', () => {
    const fields = ['a', 'b', 'c'].map((name, i) => ({ id: i + 1, name, required: false, type: 'int' as const }))
    const key = 'write.parquet.bloom-filter-enabled.column.a'
    const table = {
      ...metadata,
      schemas: metadata.schemas.map((schema) => ({ ...schema, fields })),
      properties: { ...metadata.properties, [key]: 'true' },
    }
    const rename = (fieldId: number, from: string, to: string, movesProperties = false): Intent => ({
      kind: 'rename-column',
      fieldId,
      column: [from],
      name: to,
      movesProperties,
    })
    const trinoOf = (...intents: Intent[]) => statementsForIntents(table, intents, TABLE).trino
    // Trino cannot move the property, so the name that the others need stays taken.
    const swap = trinoOf(rename(1, 'a', 'b', true), rename(2, 'b', 'a'))
    expect(swap.statements).toEqual([])
    expect(swap.missing.map(({ reason }) => reason)).toEqual([
      'Trino cannot move the properties that name the column.',
      'It needs a change before it that Trino lacks.',
    ])
    expect(trinoOf(rename(1, 'a', 'aa', true), add('a', 'int')).statements).toEqual([])
    // An intent that does not need it has the name that the column still has there.
    const widened: Intent = { kind: 'change-column-type', fieldId: 1, column: ['aa'], type: 'long', base: 'int' }
    const { statements } = trinoOf(rename(1, 'a', 'aa', true), widened, rename(3, 'c', 'd'))
    expect(statements).toEqual([
      expect.stringMatching(/ALTER COLUMN "a" SET DATA TYPE bigint$/),
      expect.stringMatching(/RENAME COLUMN "c" TO "d"$/),
    ])
  })

  it('say in a comment why an engine has none, which no name can end', () => {
    // Other programs may have given a name that is refused here.
    const inner = { id: 901, name: 'y', required: false, type: 'int' } as const
    const named = { id: 900, name: 'a\nDROP', required: false, type: { type: 'struct', fields: [inner] } } as const
    const withName = {
      ...metadata,
      schemas: metadata.schemas.map((schema) => ({ ...schema, fields: [...schema.fields, named] })),
    }
    const upgrade = { kind: 'upgrade-format-version', formatVersion: 3, base: 2 } as const
    const addWithin = add('x', 'uuid', { parentId: 900, parent: ['a\nDROP'] })
    const { spark, trino, pyiceberg } = statementsForIntents(withName, [addWithin, upgrade], TABLE)
    expect(spark.missing).toEqual([{ index: 0, reason: 'Spark 3.5 cannot create columns of the type uuid.' }])
    expect(spark.text.split('\n')).toEqual([
      '-- Add the column a\\u000aDROP.x (uuid): Spark 3.5 cannot create columns of the type uuid.',
      `ALTER TABLE ${SPARK} SET TBLPROPERTIES ('format-version' = '3');`,
    ])
    expect(trino.missing.map(({ index }) => index)).toEqual([0, 1])
    expect(pyiceberg.missing).toEqual([
      { index: 1, reason: 'PyIceberg 0.12 upgrades tables to format version 2 at most.' },
    ])
  })

  it('have nothing to run in Trino for a table that it cannot name', () => {
    const { trino } = statementsForIntents(metadata, [set('k', 'v')], { ...TABLE, table: 'a$b' })
    expect(trino).toMatchObject({
      statements: [],
      commitCount: 0,
      missing: [{ reason: 'Trino has no name for this table.' }],
    })
  })

  it('have nothing to run in Spark when it would replace a part of a name', () => {
    expect(scripts(add('${spark.app.name}', 'long')).spark.missing).toHaveLength(1)
  })

  it.each(['owner', 'location', 'cherry-pick-snapshot-id'])(
    'do not set %s in Spark, which means something else there',
    (key) => {
      expect(scripts(set(key, 'x')).spark.missing).toHaveLength(1)
    },
  )

  it('make one commit of the table and one of its refs in PyIceberg', () => {
    const { pyiceberg, spark } = scripts(
      set('k', 'v'),
      {
        kind: 'create-ref',
        refName: 'x',
        type: 'tag',
        snapshotId: first,
        retention: { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: 90_000_000 },
      },
      set('l', 'w'),
    )
    expect(pyiceberg.commitCount).toBe(2)
    expect(pyiceberg.text.split('\n').slice(2)).toEqual([
      'with table.transaction() as transaction:',
      '    transaction.set_properties({"k": "v"})',
      '    transaction.set_properties({"l": "w"})',
      'with table.manage_snapshots() as refs:',
      `    refs.create_tag(${first}, "x", max_ref_age_ms=90000000)`,
    ])
    expect(spark.statements[1]).toBe(`ALTER TABLE ${SPARK} CREATE TAG \`x\` AS OF VERSION ${first} RETAIN 25 HOURS`)
  })

  it('keep the retention of a branch that PyIceberg moves, and the tip that it leaves', () => {
    const { pyiceberg, spark, trino } = scripts({
      kind: 'roll-back',
      fromSnapshotId: tip,
      toSnapshotId: first,
      safetyTag: { name: 'safe', maxRefAgeMs: null },
    })
    expect(pyiceberg.text.split('\n').slice(-2)).toEqual([
      `    refs.create_tag(${tip}, "safe")`,
      `    refs.create_branch(${first}, "main", min_snapshots_to_keep=3)`,
    ])
    expect(spark.statements).toEqual([
      `ALTER TABLE ${SPARK} CREATE TAG \`safe\` AS OF VERSION ${tip}`,
      `CALL \`Local\`.system.rollback_to_snapshot(table => '\`a\`\`b\`.\`c\`.\`t"x\`', snapshot_id => ${first})`,
    ])
    expect(trino.missing).toHaveLength(1)
  })

  it('set back how Spark distributes new data, which it stops with sorting', () => {
    const unsort: Intent = { kind: 'replace-sort-order', fields: [], base: metadata.defaultSortOrderId }
    expect(scripts(unsort).spark.statements).toEqual([
      `ALTER TABLE ${SPARK} WRITE UNORDERED`,
      `ALTER TABLE ${SPARK} UNSET TBLPROPERTIES ('write.distribution-mode')`,
    ])
    expect(scripts(set('write.distribution-mode', 'hash'), unsort).spark.statements.at(-1)).toBe(
      `ALTER TABLE ${SPARK} SET TBLPROPERTIES ('write.distribution-mode' = 'hash')`,
    )
  })

  it('have no ages in Spark that it cannot write', () => {
    const retention = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: 1 }
    expect(
      scripts({ kind: 'create-ref', refName: 'x', type: 'tag', snapshotId: first, retention }).spark.missing,
    ).toEqual([{ index: 0, reason: 'Spark has no ages finer than minutes, and 1 ms is none.' }])
  })
})
