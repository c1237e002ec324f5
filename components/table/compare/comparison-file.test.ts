import { describe, expect, it } from 'vitest'
import { encodeFile } from '@/lib/client/rows/export/save-rows'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import type { ChangedRows } from '@/lib/scan/compare/snapshot-comparison'
import { toPageRows } from './comparison-file'

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

async function encode(format: 'csv' | 'ndjson'): Promise<string> {
  const rows = toPageRows({ columns: COLUMNS, rowCount: 2, read: async () => ROWS }, format)
  return await (await encodeFile(rows, { format, mediaType: 'text/plain' })).text()
}

describe('An exported comparison', () => {
  it('is CSV with exact numbers, and no text that a spreadsheet runs', async () => {
    expect(await encode('csv')).toBe(
      [
        'change,amount before,amount after,note before,note after,by before,by after',
        'changed,-123456789012345678.90,123456789012345678.91,\'=1+1,"a ""b""",,ada',
        'out,0.01,,,,,',
        '',
      ].join('\r\n'),
    )
  })

  it('is JSON lines with the columns of each side, and every digit', async () => {
    expect((await encode('ndjson')).split('\n')).toEqual([
      '{"change":"changed","before":{"amount":"-123456789012345678.90","note":"=1+1"},"after":{"amount":"123456789012345678.91","note":"a \\"b\\"","by":"ada"}}',
      '{"change":"out","before":{"amount":"0.01","note":null},"after":null}',
      '',
    ])
  })
})
