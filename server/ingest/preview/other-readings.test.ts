import { expect, it } from 'vitest'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { encodeText } from '@/lib/ingest/text-encoding'
import { findOtherReadings } from './other-readings'

const bytes = (text: string) => new TextEncoder().encode(text)

it.each([
  ['the second best delimiter', 'a;b,c;d\n1;2,3;4\n', ';', [{ kind: 'delimiter', delimiter: ',', fieldCount: 2 }]],
  ['no delimiter with which there is one field', 'a;b\n1;2\n', ';', []],
  ['JSON lines', ' {"a": 1}\n', ',', [{ kind: 'format', format: 'ndjson' }]],
  ['a JSON array', '[{"a": 1}]', ',', [{ kind: 'format', format: 'json' }]],
] as const)('A text that is read as CSV can be meant with %s', async (_, text, found, expected) => {
  expect(await findOtherReadings(bytes(text), { format: 'csv', csv: CSV_DEFAULTS, found })).toEqual(expected)
})

it('A text that is not UTF-8 is offered in another encoding, unless only its end is cut', async () => {
  const options = { format: 'csv', csv: CSV_DEFAULTS, found: ';' } as const
  expect(await findOtherReadings(encodeText('ort;n\nKöln;1\n', 'windows-1252'), options)).toEqual([
    { kind: 'encoding', encoding: 'windows-1252' },
  ])
  for (const encoding of ['utf-16le', 'utf-16be'] as const)
    for (const text of ['id;ort\n1;Köln\n', 'id;ort\n1;Ulm\n', 'id;ort\n1;Łódź\n2;Кёльн\n'])
      expect(await findOtherReadings(encodeText(text, encoding), options)).toContainEqual({
        kind: 'encoding',
        encoding,
      })
  expect(await findOtherReadings(encodeText('ort;n\nKö\0ln;1\n', 'windows-1252'), options)).toEqual([])
  expect(await findOtherReadings(bytes(`ort;n\n${'\0'.repeat(100)}`), options)).toEqual([])
  expect(await findOtherReadings(bytes('ort;n\nKö').subarray(0, -1), options)).toEqual([])
  const given = { ...options, csv: { ...CSV_DEFAULTS, delimiter: ';', encoding: 'windows-1252' } } as const
  expect(await findOtherReadings(bytes('ort;n,m\n'), given)).toEqual([])
})

it('An array that is read as JSON lines is offered as an array', async () => {
  expect(await findOtherReadings(bytes('[{"a": 1}]'), { format: 'ndjson', csv: undefined, found: null })).toEqual([
    { kind: 'format', format: 'json' },
  ])
})
