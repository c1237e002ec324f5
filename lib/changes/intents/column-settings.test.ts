import { describe, expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { applyUpdates, checkRequirements } from '../../iceberg/commit/apply-updates'
import { type Intent, intentSentence } from './intent'
import { changeForIntents, reverseIntents, warningsForIntents } from './intent-changes'
import { intentShape } from './intent-shape'

const TABLE_CODEC = 'write.parquet.compression-codec'
const CODEC = 'lakeshore.parquet.column.2.compression-codec'
const LEVEL = 'lakeshore.parquet.column.2.compression-level'
const ORIGIN = ['origin']

const set = (key: string, value: string, base: string | null = null, column?: readonly string[]): Intent => ({
  kind: 'set-property',
  key,
  value,
  base,
  ...(column && { column }),
})

function commit(intents: readonly Intent[], base = sampleMetadata()) {
  const { requirements, updates } = changeForIntents(base, intents)
  checkRequirements(base, requirements)
  return applyUpdates(base, updates, { nowMs: base.lastUpdatedMs + 1000 })
}

describe('A setting of a column', () => {
  it('reads by the name of the column, also after it has passed the contract', () => {
    const intents = [
      set(CODEC, 'gzip', null, ORIGIN),
      set(LEVEL, '9', '6', ORIGIN),
      { kind: 'remove-property', key: CODEC, base: 'gzip', column: ORIGIN } as const,
      set(CODEC, 'gzip'),
    ]
    expect(intents.map((intent) => intentSentence(intentShape.parse(intent)))).toEqual([
      'Set the codec of origin to gzip',
      'Change the compression level of origin from 6 to 9',
      'Remove the codec of origin (was gzip)',
      `Set ${CODEC} to gzip`,
    ])
  })

  it('stays with the column when it is renamed in the same commit', () => {
    const rename: Intent = { kind: 'rename-column', fieldId: 2, column: ORIGIN, name: 'from', movesProperties: true }
    expect(commit([set(CODEC, 'gzip', null, ORIGIN), rename]).properties).toMatchObject({ [CODEC]: 'gzip' })
    expect(commit([rename, set(CODEC, 'gzip', null, ['from'])]).properties).toMatchObject({ [CODEC]: 'gzip' })
  })

  it('is reversed with the name of the column', () => {
    const before = sampleMetadata()
    const intents = [set(CODEC, 'gzip', null, ORIGIN)]
    expect(reverseIntents(before, commit(intents), intents)).toEqual([
      { kind: 'remove-property', key: CODEC, base: 'gzip', column: ORIGIN },
    ])
  })

  it.each([
    [[set(CODEC, 'lzo')], 'one of zstd'],
    [[set(LEVEL, '23')], 'from 0 to 22'],
    [[set(LEVEL, '0')], 'The compression level of origin should be a whole number from 1 to 22 for zstd'],
    [[set(CODEC, 'gzip'), set(LEVEL, '10')], 'from 0 to 9 for gzip'],
    [[set(CODEC, 'brotli'), set(LEVEL, '12')], 'from 0 to 11 for brotli'],
    [[set('lakeshore.parquet.column.99.dictionary', 'drop')], 'the column with the id 99 is not in the schema'],
    [
      [set('lakeshore.parquet.column.2.colour', 'red')],
      'should end in the id of a column and one of compression-codec',
    ],
    [[set('lakeshore.parquet.column.origin.dictionary', 'drop')], 'should end in the id of a column'],
    [[set(CODEC, 'gzip', null, ['date'])], `${CODEC} is about the column origin, not date`],
    [[set('lakeshore.parquet.column.99.dictionary', 'drop', null, ORIGIN)], 'is not about the column origin'],
    [[set('owner', 'eve', 'ada', ORIGIN)], 'owner is not about the column origin'],
  ] as [Intent[], string][])('is refused when it is invalid or names another column (%#)', (intents, message) => {
    const error = catchAppError(() => changeForIntents(sampleMetadata(), intents))
    expect([error.code, error.message]).toEqual(['invalid-request', expect.stringContaining(message)])
  })

  it('keeps its level valid when the codec of the table changes', () => {
    const base = sampleMetadata({ properties: { [LEVEL]: '19' } })
    const error = catchAppError(() => changeForIntents(base, [set(TABLE_CODEC, 'gzip')]))
    expect(error.message).toContain('The compression level of origin should be a whole number from 0 to 9 for gzip')
    expect(commit([set(TABLE_CODEC, 'snappy')], base).properties).toEqual({ [TABLE_CODEC]: 'snappy', [LEVEL]: '19' })
    const own = sampleMetadata({ properties: { [CODEC]: 'zstd', [LEVEL]: '19' } })
    expect(commit([set(TABLE_CODEC, 'gzip')], own).properties).toMatchObject({ [TABLE_CODEC]: 'gzip', [LEVEL]: '19' })
  })

  it('set to something invalid by another tool does not get in the way of other changes, and can be removed', () => {
    const foreign = { 'lakeshore.parquet.column.2.colour': 'red', [LEVEL]: '99' }
    const base = sampleMetadata({ properties: foreign })
    expect(commit([set('team', 'lake')], base).properties).toEqual({ ...foreign, team: 'lake' })
    const remove: Intent = { kind: 'remove-property', key: LEVEL, base: '99' }
    expect(commit([remove], base).properties).toEqual({ 'lakeshore.parquet.column.2.colour': 'red' })
  })

  it('says before the commit who follows it, and which engines cannot read it', () => {
    const only =
      'Only Lakeshore follows settings of single columns. Spark, Flink and PyIceberg write each column as the table says.'
    const warnings = (intents: readonly Intent[]) => warningsForIntents(sampleMetadata(), intents)
    expect(warnings([set(CODEC, 'gzip'), set(LEVEL, '9')])).toEqual([only])
    expect(warnings([set(CODEC, 'brotli')])).toEqual([expect.stringContaining('cannot read files'), only])
    expect(warnings([set(TABLE_CODEC, 'brotli')])).toEqual([expect.stringContaining('cannot read files')])
    expect(warnings([set(TABLE_CODEC, 'snappy')])).toEqual([])
  })
})
