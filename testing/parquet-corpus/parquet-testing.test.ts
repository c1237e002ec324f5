import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { findFixture } from '@/testing/find-fixture'
import { toExactValue } from '@/testing/parquet/exact-value'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readWholeFile, type WholeColumn } from '@/testing/parquet/read-whole-file'

/** Every file of apache/parquet-testing has the values that PyArrow reads, or is refused with a reason. */

type Recorded = { rows: number; columns: Record<string, string> } | { error: string }

const FOLDER = findFixture('parquet-testing')
const recorded = JSON.parse(readFileSync(path.join(import.meta.dirname, 'parquet-testing.json'), 'utf8')) as Record<
  string,
  Recorded
>

/** Files that PyArrow reads and the product refuses, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  // Its footer gives a wrong length, which PyArrow works around.
  'data/nation.dict-malformed.parquet': 'a page reaches beyond its column chunk',
}

/** Columns whose values are shown in another form than by PyArrow, with the reason. */
const IN_OTHER_FORM: Readonly<Record<string, readonly string[]>> = {
  // PyArrow's answer has the bits of half-precision floats, the product's their values.
  'data/floating_orders_nan_count.parquet': ['float16_ieee754', 'float16_typedef'],
  // Years that PyArrow's conversion to microseconds overflows; `lib/scan` has a test of their values.
  'data/int96_from_spark.parquet': ['a'],
  // Keys without values: PyArrow has a list of the keys, the product a map to nulls.
  'data/map_no_value.parquet': ['my_map_no_v'],
}

/** Files that PyArrow refuses and the product reads, with the reason. */
const READ_ALL_THE_SAME: Readonly<Record<string, string>> = {
  'data/incorrect_map_schema.parquet': 'its keys are optional, but none is null',
}

describe.skipIf(FOLDER === null)('A file of parquet-testing (skipped without these files)', () => {
  const names = Object.keys(recorded)
  const isRefused = (name: string) =>
    name in REFUSED || ('error' in (recorded[name] ?? {}) && !(name in READ_ALL_THE_SAME))

  test.each(names.filter(isRefused))('is refused with a reason: %s', async (name) => {
    const error = await readColumns(name).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AppError)
    expect(error).toHaveProperty('message', expect.stringContaining(REFUSED[name] ?? path.basename(name)))
  })

  test.each(names.filter((name) => !isRefused(name)))('is read as by PyArrow: %s', async (name) => {
    const expected = recorded[name]
    const digests = digestColumns(await readColumns(name))
    const others = IN_OTHER_FORM[name] ?? []
    const withoutOthers = (columns: Record<string, string>) =>
      Object.fromEntries(Object.entries(columns).filter(([column]) => !others.includes(column)))
    const columns = expected && 'columns' in expected ? expected.columns : digests
    expect(withoutOthers(digests)).toEqual(withoutOthers(columns))
    for (const column of others) expect(digests[column], column).not.toEqual(columns[column])
  })

  test('is recorded', () => {
    const listed = ['data', 'data/geospatial', 'bad_data'].flatMap((folder) =>
      readdirSync(path.join(FOLDER ?? '', folder))
        .filter((name) => name.endsWith('.parquet'))
        .map((name) => `${folder}/${name}`),
    )
    expect(Object.keys(recorded).sort()).toEqual(listed.sort())
  })

  test.each(
    ['data', 'data/aes256'].flatMap((folder) =>
      FOLDER === null
        ? []
        : readdirSync(path.join(FOLDER, folder))
            .filter((name) => name.endsWith('.encrypted'))
            .map((name) => `${folder}/${name}`),
    ),
  )('says that it is encrypted: %s', async (name) => {
    const bytes = new Uint8Array(readFileSync(path.join(FOLDER ?? '', name)))
    await expect(readWholeFile(path.basename(name), bytes, pageCodecs)).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('encrypt'),
    })
  })
})

function readColumns(name: string): Promise<WholeColumn[]> {
  return readWholeFile(path.basename(name), new Uint8Array(readFileSync(path.join(FOLDER ?? '', name))), pageCodecs)
}

/** As `record_parquet_testing.py` computes them. */
function digestColumns(columns: readonly WholeColumn[]): Record<string, string> {
  return Object.fromEntries(
    columns.map(({ field, values }) => {
      const lines = values.map((value) => JSON.stringify(toExactValue(field.type, value)))
      return [field.name, createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32)]
    }),
  )
}
