import { describe, expect, it } from 'vitest'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { applyUpdates } from '../../iceberg/commit/apply-updates'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { Intent } from './intent'
import { changeForIntents, warningsForIntents } from './intent-changes'
import { statementsForIntents } from './intent-statements'

const sample = sampleMetadata()
const FIELDS = ['a', 'b'].map((name, i) => ({ id: i + 1, name, required: false, type: 'int' as const }))
const KEY = 'lakeshore.rule.once'
const RANGE = 'lakeshore.rule.range'
const RULES = { [KEY]: '{"columns": ["a", "b"], "unique": true}', [RANGE]: '{"column":"a","min":"0"}' }
const table: TableMetadata = {
  ...sample,
  partitionSpecs: [{ specId: 0, fields: [] }],
  defaultSpecId: 0,
  sortOrders: [{ orderId: 0, fields: [] }],
  defaultSortOrderId: 0,
  schemas: sample.schemas.map((schema) => ({ ...schema, identifierFieldIds: [], fields: FIELDS })),
  properties: { ...RULES, 'lakeshore.rule.other': 'no rule', owner: 'a' },
}
const rename = (fieldId: number, from: string, to: string, movesProperties = true): Intent => {
  return { kind: 'rename-column', fieldId, column: [from], name: to, movesProperties }
}
const commit = (intents: readonly Intent[], base = table): TableMetadata =>
  applyUpdates(base, changeForIntents(base, intents).updates, { nowMs: base.lastUpdatedMs + 1000 })
const WARNING = 'Loads will stop until these rules, which no longer fit the columns, are changed or removed:'

describe('The rules of a column', () => {
  it('follow its new name, and leave other properties as they are', () => {
    expect(commit([rename(1, 'a', 'x')]).properties).toEqual({
      ...table.properties,
      [KEY]: '{"columns":["x","b"],"unique":true}',
      [RANGE]: '{"column":"x","min":"0"}',
    })
    expect(warningsForIntents(table, [rename(1, 'a', 'x')])).toEqual([])
  })

  it('follow columns that exchange their names', () => {
    expect(commit([rename(1, 'a', 'b'), rename(2, 'b', 'a')]).properties).toMatchObject({
      [KEY]: '{"columns":["b","a"],"unique":true}',
      [RANGE]: '{"column":"b","min":"0"}',
    })
  })

  it('are named by a rename or a drop that breaks them', () => {
    expect(commit([rename(1, 'a', 'x', false)]).properties).toEqual(table.properties)
    const broken = [`${WARNING} ${KEY}, ${RANGE}.`]
    expect(warningsForIntents(table, [rename(1, 'a', 'x', false)])).toEqual(broken)
    expect(warningsForIntents(table, [{ kind: 'drop-column', fieldId: 1, column: ['a'] }])).toEqual(broken)
  })

  it('are named by a return to a schema that they do not fit', () => {
    const after = commit([rename(1, 'a', 'x')])
    const back: Intent = { kind: 'set-current-schema', schemaId: table.currentSchemaId, base: after.currentSchemaId }
    expect(warningsForIntents(after, [back])).toEqual([`${WARNING} ${KEY}, ${RANGE}.`])
  })

  it('are changed by the statements of engines, too', () => {
    const name = { catalog: 'c', namespace: ['n'], table: 't' }
    const { spark, trino, pyiceberg } = statementsForIntents(table, [rename(1, 'a', 'x')], name)
    expect(spark.statements).toHaveLength(2)
    expect(spark.statements[1]).toContain(`SET TBLPROPERTIES ('${KEY}' = '{"columns":["x","b"],"unique":true}'`)
    expect(trino.statements).toEqual([])
    expect(pyiceberg.text).toContain('set_properties')
    expect(pyiceberg.text).not.toContain('remove_properties')
  })
})
