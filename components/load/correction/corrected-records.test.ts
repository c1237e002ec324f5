import { expect, it } from 'vitest'
import { correctedRecords } from './corrected-records'
import { findPart } from './record-positions'

const reject = (text: string | null) => ({
  file: null,
  line: 2,
  column: 'fare',
  value: 'x',
  reason: 'no number',
  text,
  part: null,
})
const TEXT = 'id;fare\n1;x\n2;y\n3;z\n'
const REJECTS = ['1;x', '2;y', '3;z'].map(reject)
const states = (text: string) => correctedRecords(TEXT, text, REJECTS)

it('tells changed records from deleted ones', () => {
  expect(states(TEXT)).toEqual(['as-it-came', 'as-it-came', 'as-it-came'])
  expect(states('id;fare\n1;7\n2;y\n3;z\n')).toEqual(['changed', 'as-it-came', 'as-it-came'])
  expect(states('id;fare\n1;x\n3;z\n')).toEqual(['as-it-came', 'deleted', 'as-it-came'])
  expect(states('id;fare\n1;7\n3;9\n')).toEqual(['changed', 'deleted', 'changed'])
  expect(states('id;fare\n2;8')).toEqual(['deleted', 'changed', 'deleted'])
  expect(states('id;fare\n\n2;y\n3;z\n')).toEqual(['deleted', 'as-it-came', 'as-it-came'])
  expect(states('')).toEqual(['deleted', 'deleted', 'deleted'])
})

it('takes a short row that was completed for a changed one, and tells equal rows apart', () => {
  const rejects = ['1;x', '2', '2'].map((text, i) => ({ ...reject(text), line: i + 2 }))
  const of = (text: string) => correctedRecords('id;fare\n1;x\n2\n2\n', text, rejects)
  expect(of('id;fare\n1;x\n2;7\n2\n')).toEqual(['as-it-came', 'as-it-came', 'changed'])
  expect(of('id;fare\n1;xy\n2;7\n2;8\n')).toEqual(['changed', 'changed', 'changed'])
})

it('knows a record with line ends and a long one by what it begins with', () => {
  const long = `5;${'a'.repeat(50)}`
  const text = `id;note\r\n4;"two\r\nlines"\r\n${long}b\r\n`.replaceAll('\r\n', '\n')
  const rejects = ['4;"two\r\nlines"', `${long}…`].map(reject)
  expect(correctedRecords(text, 'id;note\n4;"one"\n', rejects)).toEqual(['changed', 'deleted'])
  expect(correctedRecords(text, '', [reject(null)])).toEqual(['as-it-came'])
})

it('finds the part of a record in the text that is corrected, and no equal text before it', () => {
  const part = (line: number, text: string, column: string | null, at: { start: number; end: number } | null) => ({
    ...reject(text),
    line,
    column,
    part: at,
  })
  const text = 'a,b\n11,1\n1,1\na,b\n1,1\n"x\ny",z\n9,9,9\n'
  const rejects = [
    part(2, '11,1', 'b', { start: 3, end: 4 }),
    part(3, '1,1', 'a', { start: 0, end: 1 }),
    part(3, '1,1', 'b', { start: 2, end: 3 }),
    part(4, 'a,b', 'a', { start: 0, end: 1 }),
    part(5, '1,1', 'b', { start: 2, end: 3 }),
    part(6, '"x\r\ny",z', 'b', { start: 7, end: 8 }),
    part(8, '9,9,9', null, null),
  ]
  const found = rejects.map((_, i) => findPart(text, rejects, i))
  expect(found.map((at) => at && text.slice(0, at.start))).toEqual([
    'a,b\n11,',
    'a,b\n11,1\n',
    'a,b\n11,1\n1,',
    'a,b\n11,1\n1,1\n',
    'a,b\n11,1\n1,1\na,b\n1,',
    'a,b\n11,1\n1,1\na,b\n1,1\n"x\ny",',
    'a,b\n11,1\n1,1\na,b\n1,1\n"x\ny",z\n',
  ])
  expect(found.map((at) => at && text.slice(at.start, at.end))).toEqual(['1', '1', '1', 'a', '1', 'z', '9,9,9'])
  const changed = text.replace('\n1,1\n', '\n1,7\n')
  expect(findPart(changed, rejects, 4)).toEqual(found[4])
  expect(findPart(changed.replace('9,9,9', '9,9'), rejects, 6)).toBeNull()
})

it('selects nothing of a record whose part is not known, or is cut', () => {
  const text = `a\n1,2\n${'x'.repeat(30)}y\n`
  const unknown = { ...reject('1,2'), part: null }
  const cut = { ...reject(`${'x'.repeat(30)}…`), part: { start: 29, end: 31 } }
  expect(findPart(text, [unknown, cut], 0)).toEqual({ start: 2, end: 2 })
  expect(findPart(text, [unknown, cut], 1)).toEqual({ start: 6, end: 6 })
})
