import { expect, it } from 'vitest'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { AppError } from '@/lib/errors'
import { failedPreviewAdvice, findFailedExpression, lastKnownPreview, unshownReason } from './failed-preview'

const tooLarge = (limit: string) => new AppError('too-large', 'Too much.', { facts: { limit } })
const MEMORY = tooLarge('memory')
const mappingOf = (columns: Record<string, string>) => ({
  columns: Object.fromEntries(Object.entries(columns).map(([name, sql]) => [name, { sql }])),
  ignoredFields: ['note'],
})

it('Only a file that is too large for a preview alone can be loaded without first rows', () => {
  expect(
    [tooLarge('preview'), MEMORY, new AppError('too-large', 'The file has 20,000 fields.')].map(unshownReason),
  ).toEqual(['Too much.', null, null])
})

it.each([
  [{ a: 'x' }, null, 'a', 'Change it in step 3.'],
  [{ a: 'x', b: 'y' }, null, null, 'Change the expressions in step 3, or load the rows in parts.'],
  [{ a: 'x', b: 'y' }, { a: 'x', b: 'z' }, 'b', 'Change it in step 3.'],
  [{}, null, null, 'Load the rows in parts.'],
])(
  'The expression that needs too much memory is the only one, or the only changed one: %o after %o',
  (now, before, column, advice) => {
    const mapping = mappingOf(now)
    const last = before === null ? null : { mapping: mappingOf(before) }
    expect(findFailedExpression(MEMORY, mapping, last)).toBe(column)
    expect(failedPreviewAdvice(MEMORY, mapping, column)).toBe(advice)
    expect(findFailedExpression(tooLarge('preview'), mapping, last)).toBeNull()
  },
)

it('A file that cannot be read has the fields that were read last, otherwise those of the mapping', () => {
  const preview = { fields: [{ name: 'id', samples: ['1'] }], rows: [{ line: 2, values: ['1'] }] }
  const mapping = mappingOf({ a: 'x' })
  const schema = {
    schemaId: 0,
    identifierFieldIds: [],
    fields: ['id', 'a'].map((name, id) => ({ id, name, required: false, type: 'string' as const })),
  }
  const last = { preview: preview as Partial<LoadPreview> as LoadPreview, mapping }
  expect(lastKnownPreview(last, mapping, { schema })).toEqual({ ...preview, rows: [] })
  expect(lastKnownPreview(null, mapping, { schema })).toMatchObject({
    fields: [{ name: 'note' }],
    columns: [{ name: 'a', type: 'string', problem: null }],
  })
  expect(lastKnownPreview(null, { columns: {}, ignoredFields: [] }, { schema })).toBeUndefined()
})
