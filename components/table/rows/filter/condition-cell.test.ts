import { describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { conditionCellText, conditionExamples, parseConditionCell } from './condition-cell'
import { conditionText, toDraft, toPredicate } from './condition-draft'
import { filterColumns } from './filter-columns'
import { readRowFilter, rowFilterText } from './row-filter'

const fields: NestedField[] = [
  { id: 1, name: 'delay', required: false, type: 'int' },
  { id: 2, name: 'origin', required: false, type: 'string' },
  { id: 3, name: 'seen', required: false, type: 'timestamptz' },
  { id: 6, name: 'key', required: false, type: 'long' },
  { id: 7, name: 'fare', required: false, type: 'decimal(20, 2)' },
  { id: 8, name: 'day', required: false, type: 'date' },
  { id: 9, name: 'at', required: false, type: 'timestamp' },
  { id: 10, name: 'ratio', required: false, type: 'double' },
  {
    id: 11,
    name: 'place',
    required: false,
    type: { type: 'struct', fields: [{ id: 12, name: 'depth', required: false, type: 'double' }] },
  },
  { id: 4, name: 'leg', required: false, type: { type: 'list', elementId: 5, elementRequired: false, element: 'int' } },
]
const columns = filterColumns(fields)

/** The chips of a text below a column, and the text that the column then shows. */
function type(name: string, text: string) {
  const column = columns.find((candidate) => candidate.name === name)
  if (!column) throw new Error(`no column ${name}`)
  const predicates = parseConditionCell(text, column).map((draft) =>
    toPredicate(draft, column, { fields, timeZone: 'UTC' }),
  )
  const { conditions } = readRowFilter(rowFilterText(predicates) ?? '', fields)
  const shown = conditions.map((condition) => {
    const draft = toDraft(condition, columns, 'UTC')
    if (!draft) throw new Error('the condition cannot be edited')
    return conditionCellText(draft, column)
  })
  return [conditions.map((condition) => conditionText(condition, columns, 'UTC')).join(' and '), shown.join(' ')]
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
    // Bare dates are whole days of timestamps.
    ...[
      ['2001-03-31', '≥ 2001-03-31 00:00:00', '< 2001-04-01 00:00:00'],
      ['= 2001-03-31', '≥ 2001-03-31 00:00:00', '< 2001-04-01 00:00:00'],
      ['2001-03-01..2001-03-31', '≥ 2001-03-01 00:00:00', '< 2001-04-01 00:00:00'],
      ['>= 2001-03-31 <= 2001-03-31', '≥ 2001-03-31 00:00:00', '< 2001-04-01 00:00:00'],
      ['2001-03-01 12:00:00..2001-12-31', '≥ 2001-03-01 12:00:00', '< 2002-01-01 00:00:00'],
      ['> 2001-02-28 <= 2004-02-28', '≥ 2001-03-01 00:00:00', '< 2004-02-29 00:00:00'],
    ].map(([typed = '', low, high]) => ['at', typed, `at ${low} and at ${high}`, `${low} ${high}`]),
    ['at', '<= 2001-03-31', 'at < 2001-04-01 00:00:00', '< 2001-04-01 00:00:00'],
    ['at', '> 1969-12-31', 'at ≥ 1970-01-01 00:00:00', '≥ 1970-01-01 00:00:00'],
    ['at', '>= 2001-03-31', 'at ≥ 2001-03-31 00:00:00', '≥ 2001-03-31 00:00:00'],
    ['at', '< 2001-03-31', 'at < 2001-03-31 00:00:00', '< 2001-03-31 00:00:00'],
    [
      'at',
      '2001-03-01..2001-03-31 12:00:00',
      'at between 2001-03-01 00:00:00 and 2001-03-31 12:00:00',
      'between 2001-03-01 00:00:00 and 2001-03-31 12:00:00',
    ],
    ['seen', '<= 2026-11-23', 'seen < 2026-11-24 00:00:00+00:00', '< 2026-11-24 00:00:00+00:00'],
    ['day', '2001-03-31', 'day = 2001-03-31', '2001-03-31'],
    ['leg', '!null', 'leg is not null', 'is not null'],
    ['delay', 'null', 'delay is null', 'is null'],
    ['origin', 'Not  Null', 'origin is not null', 'is not null'],
    ['origin', '= null', "origin = 'null'", '= null'],
    ['origin', 'null island', "origin = 'null island'", 'null island'],
    ['ratio', 'NaN', 'ratio is NaN', 'is NaN'],
    ['ratio', 'not nan', 'ratio is not NaN', 'is not NaN'],
    ['origin', 'NaN', "origin = 'NaN'", 'NaN'],
    ['delay', '1, 2,3', 'delay in (1, 2, 3)', 'in (1, 2, 3)'],
    ['delay', '(1, 2)', 'delay in (1, 2)', 'in (1, 2)'],
    ['origin', "'SFO', 'Paris, TX'", "origin in ('SFO', 'Paris, TX')", 'in (SFO, "Paris, TX")'],
    ['origin', '= Paris, TX', "origin = 'Paris, TX'", '= Paris, TX'],
    ['origin', '"Paris, TX"', "origin = 'Paris, TX'", '= Paris, TX'],
    ['delay', '1..10', 'delay between 1 and 10', 'between 1 and 10'],
    ['delay', '10–20', 'delay between 10 and 20', 'between 10 and 20'],
    ['delay', '-20 - -10', 'delay between -20 and -10', 'between -20 and -10'],
    ['delay', '>=1 <5', 'delay ≥ 1 and delay < 5', '≥ 1 < 5'],
    ['delay', '< 5 and > 1', 'delay < 5 and delay > 1', '< 5 > 1'],
    ['delay', '>= 1, <= 5', 'delay between 1 and 5', 'between 1 and 5'],
    [
      'key',
      '9007199254740993..9223372036854775807',
      'key between 9007199254740993 and 9223372036854775807',
      'between 9007199254740993 and 9223372036854775807',
    ],
    [
      'fare',
      '> 123456789012345678.01 <= 123456789012345678.09',
      'fare > 123456789012345678.01 and fare ≤ 123456789012345678.09',
      '> 123456789012345678.01 ≤ 123456789012345678.09',
    ],
    ['day', '2026-11-01..2026-11-30', 'day between 2026-11-01 and 2026-11-30', 'between 2026-11-01 and 2026-11-30'],
    [
      'seen',
      '>= 2026-11-23 < 2026-11-24',
      'seen ≥ 2026-11-23 00:00:00+00:00 and seen < 2026-11-24 00:00:00+00:00',
      '≥ 2026-11-23 00:00:00+00:00 < 2026-11-24 00:00:00+00:00',
    ],
    ['origin', 'SF*', "origin starts with 'SF'", 'starts with SF'],
    ['origin', '*FO', "origin ends with 'FO'", 'ends with FO'],
    ['origin', '*F*', "origin contains 'F'", 'contains F'],
    ['origin', '= SF*', "origin = 'SF*'", '= SF*'],
    ['origin', '1..10', "origin = '1..10'", '1..10'],
  ])('of %s reads “%s”', (name, text, chip, shown) => {
    const [actualChip, actualText = ''] = type(name, text)
    expect(actualChip).toBe(chip)
    expect(actualText).toBe(shown)
    // The shown text is read as the same condition.
    expect(type(name, actualText)).toEqual([actualChip, actualText])
  })

  it.each([
    ['delay', 'contains 4', /delay has these operators: =, ≠/],
    ['place', 'depth > 1', /is null, is not null\. Its fields can be chosen under \+ Filter\./],
    ['leg', '[1]', /leg has these operators: is null, is not null\./],
    ['delay', 'between 1', /Enter two values/],
    ['delay', 'is null 4', /Remove “4”: “is null” takes no value\./],
    ['delay', 'soon', /soon/],
    ['ratio', '-inf', /infinite numbers cannot be written/],
    ['delay', 'NaN', /NaN/],
    ['delay', '1,234', /“1,234” can be a number or a list\. Write 1234, or in \(1, 234\)\./],
    ['delay', '10..1', /The first value is above the second\./],
    ['delay', '>= 1 < soon', /soon/],
    ['at', '!= 2001-03-31', /A day cannot be left out: write < 2001-03-31, or >= 2001-04-01\./],
    ['at', 'in (2001-03-31, 2001-04-02)', /Write a range of days, or each time\./],
    ['at', '2001-03-31..2001-03-01', /The first value is above the second\./],
    ['origin', 'SFO, LAX', /could be one text or a list\. Write = SFO, LAX, or in \(SFO, LAX\)\./],
  ])('of %s refuses “%s”', (name, text, problem) => {
    expect(() => type(name, text)).toThrow(problem)
  })

  it('has NaN among its examples where a column can have it', () => {
    expect(conditionExamples('double')).toContain('; NaN; not NaN')
    expect(conditionExamples('decimal(20, 2)')).not.toContain('NaN')
  })
})
