import { expect, it } from 'vitest'
import { toCsv } from './csv'

it('quotes text that would break a line or a cell', () => {
  expect(
    toCsv(
      ['table', 'rows'],
      [
        ['a,b', 3],
        ['say "hi"\nthere', null],
      ],
    ),
  ).toBe('table,rows\r\n"a,b",3\r\n"say ""hi""\nthere",\r\n')
})

it('quotes what is a separator in other languages', () => {
  expect(toCsv(['a', 'b'], [['x;=1+1', 'y\t=1+1']])).toBe('a,b\r\n"x;=1+1","y\t=1+1"\r\n')
})

it.each(['=1+1', '+cmd', '-2', '@sum', '\tx', '\rx', '\0x'])(
  'disarms text that a spreadsheet would run: %j',
  (text) => {
    expect(
      toCsv(['name'], [[text]])
        .split('\r\n')[1]
        ?.replaceAll('"', '')
        .startsWith("'"),
    ).toBe(true)
  },
)

it('writes numbers unchanged, also negative ones', () => {
  expect(toCsv(['change'], [[-5], [1.5]])).toBe('change\r\n-5\r\n1.5\r\n')
})
