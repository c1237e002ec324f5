import { expect, it } from 'vitest'
import { BLOCK_BYTES, BLOCK_COUNT, cutCsvRecords, cutLines, FIRST_BYTES, spreadBlocks } from './spread-sample'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const SYNTAX = { delimiter: ',', quote: '"', nullText: '' }

it('Blocks are spread over the file without overlap, and the last one ends with it', () => {
  expect(spreadBlocks(4 * 1024 * 1024)).toEqual([])
  for (const fileBytes of [4 * 1024 * 1024 + 1, 10_000_000_019]) {
    const blocks = spreadBlocks(fileBytes)
    expect(blocks).toHaveLength(BLOCK_COUNT)
    expect(blocks.at(-1)?.end).toBe(fileBytes)
    let before = FIRST_BYTES
    for (const { start, end } of blocks) {
      expect(end - start).toBe(BLOCK_BYTES)
      expect(start).toBeGreaterThanOrEqual(before)
      before = end
    }
  }
})

it('Lines that a block cuts are left out', () => {
  expect(textOf(cutLines(bytesOf('half\n{"a":1}\n{"a":2}\n{"a"')))).toBe('{"a":1}\n{"a":2}\n')
  expect(textOf(cutLines(bytesOf('no end')))).toBe('')
})

/** The rows of files whose quoted texts have line ends, empty lines, delimiters and quotes; none has another one in it. */
const TEXTS = {
  'line ends in quotes': (i: number) => `${i},"a ""b"", c\nline ${i}\r\nof 3,4\n",z\n`,
  'empty lines in quotes': (i: number) => `${i},"Hello,\n\nit ""is"" ${i}.\r\n\r\nThanks #${i}",z\r\n`,
  'a text of one line now and then': (i: number) => (i % 7 === 0 ? `${i},"Hello,\n\nThanks #${i}",z\n` : `${i},a,z\n`),
}

it.each(Object.entries(TEXTS))(
  'A block of a file with %s gives whole records of the file, or nothing',
  async (_, rowOf) => {
    const rows = Array.from({ length: 40 }, (_row, i) => rowOf(i))
    const known = new Set(rows)
    const file = bytesOf(rows.join(''))
    let cutCount = 0
    for (let start = 0; start < file.length - 300; start += 1) {
      const cut = textOf(await cutCsvRecords(file.subarray(start, start + 300), { syntax: SYNTAX, fieldCount: 3 }))
      if (cut === '') continue
      cutCount += 1
      expect(cut.split(/(?<=,z\r?\n)/).filter((record) => !known.has(record))).toEqual([])
    }
    expect(cutCount).toBeGreaterThan((file.length - 300) / 10)
  },
)

it('A row that does not fit is among the records of its block', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i},x\r\n`)
    .with(7, '7\r\n')
    .with(9, '"9",""\r\n')
  const cut = await cutCsvRecords(bytesOf(rows.join('').slice(2)), { syntax: SYNTAX, fieldCount: 2 })
  expect(textOf(cut)).toBe(rows.slice(1).join(''))
})
