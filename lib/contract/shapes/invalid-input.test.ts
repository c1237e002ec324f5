import { expect, it } from 'vitest'
import * as z from 'zod'
import { invalidInputError, unknownFieldsError } from './invalid-input'
import { instantInQuery, intInQuery, longId } from './wire'

const schema = z.object({
  toSnapshotId: longId.optional(),
  fromMs: z.string().optional(),
  limit: intInQuery.optional(),
  at: instantInQuery.optional(),
  catalog: z.string().regex(/^\w+$/, 'A name has no slash.').optional(),
  days: z.int().min(1).max(90).optional(),
  name: z.string().min(1).max(5).optional(),
  role: z.enum(['viewer', 'editor']).optional(),
  password: z.string().min(8).optional(),
  tables: z
    .array(z.object({ name: z.string() }))
    .max(2)
    .optional(),
  limits: z.strictObject({}).optional(),
  storage: z.discriminatedUnion('kind', [z.object({ kind: z.literal('local') })]).optional(),
})

function errorFor(input: unknown, shape: z.ZodType = schema, unchanged?: string) {
  const { error } = shape.safeParse(input)
  if (!error) throw new Error('the input is valid')
  return invalidInputError(error, { input, ...(unchanged !== undefined && { unchanged }) })
}

it.each([
  [{ toSnapshotId: 'abc' }, 'The field `toSnapshotId` must be a whole number of at most 19 digits, not "abc".'],
  [{ fromMs: 7 }, 'The field `fromMs` must be text, not 7.'],
  [{ limit: '1.5' }, 'The field `limit` must be a whole number of at most 16 digits, not "1.5".'],
  [
    { at: '2026-11-23T00:35:00' },
    'The field `at` must be a time with its offset, such as 2026-11-23T00:35:00Z, or milliseconds since 1970, not "2026-11-23T00:35:00".',
  ],
  [
    { at: '2026-02-30T00:35:00Z' },
    'The field `at` must be a time with its offset, such as 2026-11-23T00:35:00Z, or milliseconds since 1970, not "2026-02-30T00:35:00Z".',
  ],
  [{ days: 'x' }, 'The field `days` must be a number, not "x".'],
  [{ days: 1.5 }, 'The field `days` must be a whole number, not 1.5.'],
  [{ days: 100 }, 'The field `days` must be at most 90, not 100.'],
  [{ name: '' }, 'The field `name` must be text that is not empty, not "".'],
  [{ name: 'x'.repeat(60) }, 'The field `name` must be text of at most 5 characters.'],
  [{ role: 'owner' }, 'The field `role` must be one of "viewer", "editor", not "owner".'],
  [{ password: 'short' }, 'The field `password` must be text of at least 8 characters.'],
  [{ tables: {} }, 'The field `tables` must be a list, not an object.'],
  [{ tables: [{}] }, 'The field `tables.0.name` is missing: it must be text.'],
  [{ tables: ['a', 'b'] }, 'The field `tables.0` must be an object, not "a". Another field is not valid.'],
  [{ tables: Array.from({ length: 3 }, () => ({ name: '' })) }, 'The field `tables` must be a list of at most 2.'],
  [{ catalog: 'a/b' }, 'The field `catalog` is not valid: A name has no slash.'],
  [{ limits: { rows: 1 } }, 'The field `limits` must be an object without `rows`.'],
  [{ storage: { kind: 'x' } }, 'The field `storage.kind` must be a value that the API reference allows, not "x".'],
])('names the field, what it must be, and what was received: %j', (input, detail) => {
  const { code, message } = errorFor(input)
  expect(code).toBe('invalid-request')
  expect(message).toBe(detail)
  expect(message).not.toMatch(/✖|→|Invalid|undefined|\n/)
})

it('says that a field is missing, and what was not changed', () => {
  const error = errorFor({}, z.object({ fromMs: z.string(), days: z.int() }), 'Nothing was changed.')
  expect(error.message).toBe(
    'The field `fromMs` is missing: it must be text. Another field is not valid. Nothing was changed.',
  )
  expect(error.facts).toEqual({
    fromMs: 'is missing: it must be text',
    days: 'is missing: it must be a number',
    issueCount: 2,
  })
})

it('lists at most ten fields', () => {
  const names = Array.from({ length: 30 }, (_, i) => `field${i}`)
  const { facts, message } = unknownFieldsError(names, { unchanged: 'Nothing was changed.' })
  expect(Object.keys(facts)).toHaveLength(11)
  expect(facts['issueCount']).toBe(30)
  expect(message).toBe('The field `field0` is unknown. 29 other fields are not valid. Nothing was changed.')
})

it('repeats no long name', () => {
  expect(unknownFieldsError(['x'.repeat(5000)], {}).message.length).toBeLessThan(100)
})
