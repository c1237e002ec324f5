import { expect, it } from 'vitest'
import { addColumn, dropColumn, renameColumn } from '@/lib/changes/new-table/draft-columns'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { mappingOfDraft } from './mapping-of-draft'

const SAMPLED = draftOfDeclaration({
  columns: ['id', 'Betrag', 'note', 'zip'].map((name) => ({ name, type: 'string' })),
})

function renamed(names: Record<string, string | null>, added: readonly string[] = []) {
  const fields = SAMPLED.schema.fields.flatMap((field) => {
    const name = Object.hasOwn(names, field.name) ? names[field.name] : field.name
    return name == null ? [] : [{ ...field, name }]
  })
  const others = added.map((name, i) => ({ id: 100 + i, name, required: false, type: 'string' as const }))
  return { schema: { ...SAMPLED.schema, fields: [...fields, ...others] } }
}

it('Columns take the fields that they came from, under other names too', () => {
  expect(mappingOfDraft(SAMPLED, SAMPLED, [])).toEqual({ columns: {}, ignoredFields: [] })
  const made = renamed({ Betrag: 'amount', id: 'note', note: 'id', zip: null })
  expect(mappingOfDraft(SAMPLED, made, ['day_time'])).toEqual({
    columns: { amount: { field: 'Betrag' }, note: { field: 'id' }, id: { field: 'note' } },
    ignoredFields: ['zip', 'day_time'],
  })
})

it('A column that was added in place of a removed one does not take its field', () => {
  const last = SAMPLED.schema.fields.at(-1)?.id ?? 0
  const made = renameColumn(addColumn(dropColumn(SAMPLED, last), null), last + 1, 'region')
  expect(mappingOfDraft(SAMPLED, made, [])).toEqual({ columns: {}, ignoredFields: ['zip'] })
})

it('A column that the user added does not take a field by its name that is another column now', () => {
  expect(mappingOfDraft(SAMPLED, renamed({ Betrag: 'amount' }, ['Betrag', 'region']), []).columns).toEqual({
    amount: { field: 'Betrag' },
    Betrag: { value: null },
  })
})
