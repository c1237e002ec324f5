import { describe, expect, it } from 'vitest'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import type { ChangedRows } from '@/lib/scan/compare/snapshot-comparison'
import { ComparisonFile } from './comparison-file'

const column = (
  id: number,
  name: string,
  type: ShownColumn['type'],
  side: ShownColumn['side'] = 'both',
): ShownColumn => ({
  key: String(id),
  fieldId: id,
  columnId: id,
  path: [name],
  indexes: [],
  type,
  side,
})
const COLUMNS = [column(1, 'amount', 'decimal(38, 2)'), column(2, 'note', 'string'), column(3, 'by', 'string', 'after')]
const ROWS: ChangedRows = {
  kinds: ['changed', 'out'],
  before: new Map([
    ['1', [-12345678901234567890n, 1n]],
    ['2', ['=1+1', null]],
  ]),
  after: new Map([
    ['1', [12345678901234567891n, undefined]],
    ['2', ['a "b"', undefined]],
    ['3', ['ada', undefined]],
  ]),
  isChanged: new Map(),
}

describe('An exported comparison', () => {
  it('is CSV with exact numbers, and no text that a spreadsheet runs', async () => {
    const file = new ComparisonFile('csv', COLUMNS)
    file.add(ROWS)
    expect(await file.finish().text()).toBe(
      [
        'change,amount before,amount after,note before,note after,by before,by after',
        'changed,-123456789012345678.90,123456789012345678.91,\'=1+1,"a ""b""",,ada',
        'out,0.01,,,,,',
        '',
      ].join('\r\n'),
    )
  })

  it('is NDJSON with the columns of each side', async () => {
    const file = new ComparisonFile('ndjson', COLUMNS)
    file.add(ROWS)
    const lines = (await file.finish().text()).trimEnd().split('\n')
    expect(lines[0]).toContain('"amount": -123456789012345678.90')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { change: 'changed', before: { note: '=1+1' }, after: { note: 'a "b"', by: 'ada' } },
      { change: 'out', before: { note: null }, after: null },
    ])
  })
})
