import { expect, it } from 'vitest'
import { correctedRecords } from './corrected-records'

const reject = (text: string | null) => ({ file: null, line: 2, column: 'fare', value: 'x', reason: 'no number', text })
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

it('knows a record with line ends and a long one by what it begins with', () => {
  const long = `5;${'a'.repeat(50)}`
  const text = `id;note\r\n4;"two\r\nlines"\r\n${long}b\r\n`.replaceAll('\r\n', '\n')
  const rejects = ['4;"two\r\nlines"', `${long}…`].map(reject)
  expect(correctedRecords(text, 'id;note\n4;"one"\n', rejects)).toEqual(['changed', 'deleted'])
  expect(correctedRecords(text, '', [reject(null)])).toEqual(['as-it-came'])
})
