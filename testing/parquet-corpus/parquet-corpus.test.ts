import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ExactValue, toExactValue } from '@/testing/parquet/exact-value'
import { readWholeFile } from '@/testing/parquet/read-whole-file'

/**
 * The corpus has every encoding of every physical type, in pages of both versions and with every codec; `write_corpus.py`
 * wrote it with PyArrow. Each value has to be exactly the one that PyArrow reads.
 */

const FOLDER = path.join(import.meta.dirname, 'files')
const expected = JSON.parse(readFileSync(path.join(FOLDER, 'values.json'), 'utf8')) as Record<string, ExactValue[]>
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.parquet'))

describe('The corpus of Parquet files', () => {
  test('has both versions of pages with six codecs, and a legacy file', () => {
    expect(files).toHaveLength(13)
  })

  test.each(files)('has the values that PyArrow reads: %s', async (name) => {
    const columns = await readWholeFile(name, new Uint8Array(readFileSync(path.join(FOLDER, name))))
    expect(columns.length).toBeGreaterThan(5)
    for (const { field, values } of columns) {
      const [valuesName = ''] = field.name.split('.')
      expect(
        values.map((value) => toExactValue(field.type, value)),
        field.name,
      ).toEqual(expected[valuesName])
    }
  })
})
