import { expect, test } from 'vitest'
import type { Schema } from '@/lib/iceberg/schema/types'
import { withCurrentNames } from './current-names'
import { type Intent, intentSentence } from './intent'

const SCHEMA: Schema = {
  schemaId: 1,
  identifierFieldIds: [],
  fields: [
    { id: 2, name: 'val', required: false, type: 'string' },
    {
      id: 3,
      name: 'place',
      required: false,
      type: { type: 'struct', fields: [{ id: 4, name: 'city', required: false, type: 'string' }] },
    },
  ],
}

const describeField = (fieldId: number, ...column: string[]): Intent => ({
  kind: 'set-column-doc',
  fieldId,
  column,
  doc: 'text',
  base: null,
})

test('Changes name a renamed column as it is called now, and a dropped one as the person saw it', () => {
  const property: Intent = { kind: 'set-property', key: 'v', value: 'x', base: null }
  const key: Intent = { kind: 'set-identifier-fields', fieldIds: [2, 9], columns: [['v'], ['gone']], base: [] }
  const intents = [describeField(2, 'v'), describeField(4, 'spot', 'town'), describeField(9, 'gone'), key, property]
  const sentences = (schema: Schema | null) => withCurrentNames(intents, schema).map(intentSentence)
  expect(sentences(SCHEMA)).toEqual([
    'Describe val as text',
    'Describe place.city as text',
    'Describe gone as text',
    'Identify rows by val, gone',
    'Set v to x',
  ])
  expect(sentences(null)).toEqual([
    'Describe v as text',
    'Describe spot.town as text',
    'Describe gone as text',
    'Identify rows by v, gone',
    'Set v to x',
  ])
})
