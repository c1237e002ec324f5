import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { mightReadLeniently } from './csv-leniency'

const folder = mkdtempSync(path.join(tmpdir(), 'csv-leniency-'))
const file = path.join(folder, 'rows.csv')
afterAll(() => rmSync(folder, { recursive: true }))

it.each([
  ['an extra empty field', 'a,b\n1,2,\n'],
  ['two of them at the end of the file', 'a,b\n1,2,,'],
  ['one after a quoted field', 'a,b\r\n"1","2",\r\n'],
  ['one in a record of two lines', 'a,b\n"1\n",2,\n'],
  ['a space before a quote', 'a,b\n1, "2"\n'],
  ['spaces after a quote', 'a,b\n"1"  ,2\n'],
  ['a space after the last quote', 'a,b\n1,"2" '],
  ['a space between quotes', 'a,b\n"" "",2\n'],
  ['a last record that is cut off', 'a,b\n1,2\n3'],
  ['one after a carriage return', 'a,b\r1,2\r"3"'],
  ['one that is cut off in quotes', 'a,b\n1,2\n3,"4'],
])('finds %s', async (_what, text) => {
  writeFileSync(file, text)
  expect(await mightReadLeniently(file, 2)).toBe(true)
})

it.each([
  ['a last field that is null', 'a,b\n1,\n2,\r\n3,'],
  ['a last record in quotes', 'a,b\n1,2\n"3","4"'],
  ['spaces that belong to the text', 'a,b\n 1 ,say " hi\n"x "" y",z\n'],
])('passes %s', async (_what, text) => {
  writeFileSync(file, text)
  expect(await mightReadLeniently(file, 2)).toBe(false)
})

it('finds them after the first chunk too', async () => {
  writeFileSync(file, `a,b\n${'1,2\n'.repeat(2_500_000)}1,2,\n${'1,2\n'.repeat(10)}`)
  expect(await mightReadLeniently(file, 2)).toBe(true)
})
