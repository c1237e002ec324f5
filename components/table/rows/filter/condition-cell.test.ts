import { describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { conditionCellText, parseConditionCell } from './condition-cell'
import { conditionText, toDraft, toPredicate } from './condition-draft'
import { filterColumns, readRowFilter, rowFilterText } from './row-filter'

const fields: NestedField[] = [
  { id: 1, name: 'delay', required: false, type: 'int' },
  { id: 2, name: 'origin', required: false, type: 'string' },
  { id: 3, name: 'seen', required: false, type: 'timestamptz' },
  { id: 4, name: 'leg', required: false, type: { type: 'list', elementId: 5, elementRequired: false, element: 'int' } },
]
const columns = filterColumns(fields)

/** The chip of a condition that is typed below a column, and the text that the column then shows. */
function type(name: string, text: string) {
  const column = columns.find((candidate) => candidate.name === name)
  if (!column) throw new Error(`no column ${name}`)
  const predicate = toPredicate(parseConditionCell(text, column), column, { fields, timeZone: 'UTC' })
  const [condition] = readRowFilter(rowFilterText([predicate]) ?? '', fields).conditions
  const draft = condition && toDraft(condition, columns, 'UTC')
  if (!condition || !draft) throw new Error('the filter is empty')
  return [conditionText(condition, columns, 'UTC'), conditionCellText(draft, column)]
}

describe('The text below a column', () => {
  it.each([
    ['delay', '45', 'delay = 45', '45'],
    ['delay', '>= 45', 'delay ≥ 45', '≥ 45'],
    ['delay', '≥45', 'delay ≥ 45', '≥ 45'],
    ['delay', '<>1', 'delay ≠ 1', '≠ 1'],
    ['delay', 'between 1 and 5', 'delay between 1 and 5', 'between 1 and 5'],
    ['delay', 'not in (1, 2)', 'delay not in (1, 2)', 'not in (1, 2)'],
    ['delay', 'IS NULL', 'delay is null', 'is null'],
    ['origin', 'SFO', "origin = 'SFO'", 'SFO'],
    ['origin', "= 'SFO'", "origin = 'SFO'", 'SFO'],
    ['origin', "in ('SFO', 'Paris, TX')", "origin in ('SFO', 'Paris, TX')", 'in (SFO, "Paris, TX")'],
    ['origin', 'contains rt', "origin contains 'rt'", 'contains rt'],
    ['origin', 'inch', "origin = 'inch'", 'inch'],
    ['origin', '= in', "origin = 'in'", '= in'],
    ['origin', '""', "origin = ''", '""'],
    ['origin', '" SFO"', "origin = ' SFO'", '" SFO"'],
    ['origin', "O'Hare", "origin = 'O''Hare'", "O'Hare"],
    [
      'origin',
      "between 'Rock and Roll' and 'Soul'",
      "origin between 'Rock and Roll' and 'Soul'",
      'between "Rock and Roll" and Soul',
    ],
    ['seen', '> 2026-11-23 00:35:00', 'seen > 2026-11-23 00:35:00+00:00', '> 2026-11-23 00:35:00+00:00'],
    ['leg', 'is not null', 'leg is not null', 'is not null'],
  ])('of %s reads “%s”', (name, text, chip, shown) => {
    const [actualChip, actualText = ''] = type(name, text)
    expect(actualChip).toBe(chip)
    expect(actualText).toBe(shown)
    // The shown text is read as the same condition.
    expect(type(name, actualText)).toEqual([actualChip, actualText])
  })

  it.each([
    ['delay', 'contains 4', /delay has these operators: =, ≠/],
    ['leg', '[1]', /leg has these operators: is null, is not null\./],
    ['delay', 'between 1', /Enter two values/],
    ['delay', 'is null 4', /Remove “4”: “is null” takes no value\./],
    ['delay', 'soon', /soon/],
  ])('of %s refuses “%s”', (name, text, problem) => {
    expect(() => type(name, text)).toThrow(problem)
  })
})
