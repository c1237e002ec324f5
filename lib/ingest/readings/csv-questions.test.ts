import { describe, expect, it } from 'vitest'
import { CSV_DEFAULTS } from '../csv-options'
import { findCsvQuestions, sampleCsv } from '../sample-file'
import { questionSentence } from './question-text'

const sample = (text: string) => sampleCsv(new TextEncoder().encode(text), true)
const questionsOf = async (...lines: string[]) =>
  (await sample(lines.join('\n'))).findQuestions().map(({ kind, column, text, line, readings }) => ({
    kind,
    at: `${column}: ${text} in line ${line}`,
    readings: readings.map(({ options, value }) => [value, ...Object.values(options)]),
  }))

describe('A CSV file asks how its numbers are written', () => {
  it('if decimal commas stand next to thousands that could be decimals', async () => {
    const [question] = await questionsOf('price;quantity', '1.234,56;3.472', '12,5;120')
    expect(question).toEqual({
      kind: 'numbers',
      at: 'quantity: 3.472 in line 2',
      readings: [
        ['3.472', '.', null],
        ['3472', ',', '.'],
      ],
    })
  })

  it('if thousands could be decimals in every column, with either separator', async () => {
    expect(await questionsOf('n;note', '3.472;a', '12.001;b')).toMatchObject([
      {
        readings: [
          ['3.472', '.', null],
          ['3472', ',', '.'],
        ],
      },
    ])
    expect(await questionsOf('n;note', '1,234;a', '5,678;b')).toMatchObject([
      {
        readings: [
          [null, '.', null],
          ['1234', '.', ','],
          ['1.234', ',', '.'],
        ],
      },
    ])
  })

  it('even if decimal points explain more columns', async () => {
    expect(await questionsOf('quantity;price;lat;lon', '3.472;1.234,56;52.0001;13.00001')).toMatchObject([
      {
        at: 'quantity: 3.472 in line 2',
        readings: [
          ['3.472', '.', null],
          ['3472', ',', '.'],
        ],
      },
    ])
  })

  it('if only one format explains all columns, and it is not the one of a load without options', async () => {
    expect(await questionsOf('n;m', '1,234.56;12.5', '1;2')).toMatchObject([
      {
        at: 'n: 1,234.56 in line 2',
        readings: [
          [null, '.', null],
          ['1234.56', '.', ','],
        ],
      },
    ])
  })

  it.each([
    ['decimal points', ['n;m', '3.472;12.5', '1.001;7']],
    ['whole numbers', ['n;m', '1;2', '1000;20000']],
    ['ids with leading zeros', ['n', '0123', '0001']],
    ['texts', ['n', 'a.b', '1.2.3', '10.0.0.1']],
    ['no values', ['n;m', ';']],
  ])('but not if there are only %s', async (_, lines) => {
    expect(await questionsOf(...lines)).toEqual([])
  })
})

describe('A CSV file asks how its dates and times are written', () => {
  it('if days could be months', async () => {
    expect(await questionsOf('day;n', '03/04/2026;1', '05/06/2026;2')).toEqual([
      {
        kind: 'dates',
        at: 'day: 03/04/2026 in line 2',
        readings: [
          [null, null],
          ['2026-04-03', '%d/%m/%Y'],
          ['2026-03-04', '%m/%d/%Y'],
        ],
      },
    ])
  })

  it('if one column can be read in one way only, but is a text without options', async () => {
    expect(await questionsOf('day', '03/04/2026', '13/04/2026')).toMatchObject([
      {
        readings: [
          [null, null],
          ['2026-04-03', '%d/%m/%Y'],
        ],
      },
    ])
    expect(await questionsOf('at', '3.4.2026 8:05', '13.4.2026 18:05')).toMatchObject([
      {
        kind: 'times',
        readings: [
          [null, null],
          ['2026-04-03 08:05:00', '%-d.%-m.%Y %-H:%M'],
        ],
      },
    ])
  })

  it('but not if they are written as ISO 8601', async () => {
    expect(await questionsOf('day,at', '2026-03-04,2026-03-04T05:06:07Z', '2026-03-05,2026-03-04 05:06:07Z')).toEqual(
      [],
    )
  })
})

it('The sentence of a question has each reading of the value', async () => {
  const questions = (await sample('price;quantity;day\n1.234,56;3.472;03/04/2026\n')).findQuestions()
  expect(questions.map(questionSentence)).toEqual([
    '“3.472” in quantity (line 2) is 3.472 if numbers are written as 1234.56, or 3472 if they are written as 1.234,56.',
    '“03/04/2026” in day (line 2) is text if dates are written as year-month-day, or 2026-04-03 if they are written as ' +
      'day/month/year, or 2026-03-04 if they are written as month/day/year.',
  ])
})

it('One bad value among many does not hide a question', async () => {
  const rows = Array.from({ length: 200 }, (_, i) => (i === 150 ? 'N/A' : `${1 + (i % 9)}.${100 + i}`))
  expect(await questionsOf('n', ...rows)).toMatchObject([
    { readings: [['1.100'], ['1100']].map((r) => expect.arrayContaining(r)) },
  ])
})

it('A reading that takes every value has no question next to one that takes almost all', async () => {
  expect(
    await questionsOf('n', ...Array.from({ length: 9_999 }, (_, i) => `${1 + (i % 9)}.${100 + (i % 900)}`), '1.5'),
  ).toEqual([])
  expect(await questionsOf('n', ...Array.from({ length: 9_999 }, (_, i) => String(i)), '1.5')).toEqual([])
})

const LAT_LON = '52.0001;13.00001'
const rowsOf = (...texts: string[]) => texts.map((text) => `${text};${LAT_LON}`)
const repeated = (text: string, count: number) => Array.from({ length: count }, () => text)

describe('A value that a column of points would reject is a question about the others of the column', () => {
  it('in the form of a new table, whatever other columns have', async () => {
    expect(await questionsOf('n;lat;lon', ...rowsOf('1.234,56', '3.472'))).toMatchObject([
      {
        at: 'n: 1.234,56 in line 2',
        readings: [
          [null, '.', null],
          ['1234.56', ',', '.'],
        ],
      },
    ])
  })

  it.each([
    ['alone', []],
    ['next to another bad value', ['N/A']],
  ])('in the form of a new table that would reject it %s', async (_, bad) => {
    const texts = [...repeated('3.472', 200), '1.234,56', ...bad]
    expect(await questionsOf('n;lat;lon', ...rowsOf(...texts))).toMatchObject([
      {
        at: 'n: 3.472 in line 2',
        readings: [
          ['3.472', '.', null],
          ['3472', ',', '.'],
        ],
      },
    ])
  })

  const askAbout = async (lines: string[], numbers: Record<string, 'whole' | 'fractions'>) => {
    const names = Object.keys(numbers)
    const questions = await findCsvQuestions(new TextEncoder().encode(lines.join('\n')), true, {
      csv: CSV_DEFAULTS,
      maxRows: 1_000,
      isAsked: (_kind, name) => names.includes(name),
      numbersOf: (name) => numbers[name] ?? null,
    })
    return questions.map(({ column, text, readings }) => [column, text, ...readings.map(({ value }) => value)])
  }

  it.each([
    ['a comma before decimals', ['1.234,56', '3.472'], ['3.472', '3.472', '3472']],
    ['points between thousands', ['1.234.567', '3.472'], ['3.472', '3.472', '3472']],
    ['a comma that may stand between thousands', ['1,234', '3.472'], ['3.472', '3.472', '3472']],
    ['a comma, and no number', ['12,5', 'n/a', '', '3.472'], ['3.472', '3.472', '3472']],
    ['a comma, late among many', [...repeated('3.472', 500), '12,5', 'n/a'], ['3.472', '3.472', '3472']],
  ])('in a column of a table: %s', async (_, texts, expected) => {
    const numbers = { n: 'fractions', lat: 'fractions', lon: 'fractions' } as const
    const [question] = await askAbout(['n;lat;lon', ...rowsOf(...texts)], numbers)
    expect([question?.[0], question?.[1], question?.[2], question?.at(-1)]).toEqual(['n', ...expected])
  })

  it.each([
    ['fractions', ['1.234,56', '12.5', 'n/a']],
    ['whole', ['1.234,56', '12', 'n/a']],
  ] as const)('of another column of numbers, some of which are %s', async (kind, texts) => {
    const numbers = { n: 'fractions', m: kind, lat: 'fractions', lon: 'fractions' } as const
    const lines = ['n;m;lat;lon', ...texts.map((text) => `3.472;${text};${LAT_LON}`)]
    expect(await askAbout(lines, numbers)).toEqual([['n', '3.472', '3.472', '3472']])
  })

  it.each([
    ['the column has decimals behind a point', ['1.234,56', '3.472', '2.5']],
    ['the comma stands between thousands', ['1,234.56', '3.472', '12.5']],
    ['the value is not a number', ['n/a', '3.472', '12.5']],
  ])('but not if %s', async (_, texts) => {
    const numbers = { n: 'fractions', lat: 'fractions', lon: 'fractions' } as const
    const [question] = await askAbout(['n;lat;lon', ...rowsOf(...texts)], numbers)
    // A value that no load takes without options is no question of a load.
    expect(question?.[2] ?? null).toBeNull()
  })

  it('nor if the comma of another column stands between thousands', async () => {
    const numbers = { n: 'fractions', m: 'fractions', lat: 'fractions' } as const
    const lines = ['n;m;lat', '3.472;1,234;52.0001', '7.500;12.5;13.0001']
    expect(await askAbout(lines, numbers)).toEqual([['m', '1,234', null, '1234']])
  })
})

it('Rows that are not CSV are left to the load, and the others are asked about', async () => {
  const bytes = Buffer.concat([
    Buffer.from('price;quantity\n1.234,56;3.472\n'),
    Buffer.from([0xff, 0x3b, 0x31, 0x0a]),
    Buffer.from('"1"2;3\n12,5;120\n'),
  ])
  const options = { csv: CSV_DEFAULTS, maxRows: 10, isAsked: () => true }
  expect(await findCsvQuestions(bytes, true, options)).toMatchObject([{ kind: 'numbers', text: '3.472', line: 2 }])
})
