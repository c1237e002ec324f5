import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME, type LoadMapping } from '@/lib/ingest/load-mapping'
import { openDuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { column } from '@/testing/ingest/test-staging'
import { selectRowsOrFail } from '../input/checked-rows'
import type { LoadedInput } from '../input/loaded-input'
import { MappingProblems } from '../input/mapping-problems'
import { Rejects } from '../input/rejects'
import { openDirectInput, openExactInput } from '../stage/load-input'
import type { InputRequest } from '../stage-request'

const folder = mkdtempSync(path.join(tmpdir(), 'direct-ndjson-'))
const file = path.join(folder, 'rows.ndjson')
const limits = { memoryMiB: 256, threads: 1, tempMiB: 256 }
const session = await openDuckdbSession({ inputPath: file, stagingDir: folder }, limits)
afterAll(() => {
  session.close()
  rmSync(folder, { recursive: true })
})

function toRequest(types: Readonly<Record<string, Type>>, mapping: Partial<LoadMapping> = {}, ignoreExtra = false) {
  const fields = Object.entries(types).map(([name, type], i) => column(i + 1, name, type))
  const input = { path: file, name: 'rows', format: 'ndjson' as const, pathValues: new Map(), loadedAtMs: 0 }
  return {
    input: { ...input, ignoreExtra, csv: CSV_DEFAULTS, mapping: { ...BY_NAME, ...mapping } },
    schema: { schemaId: 0, identifierFieldIds: [], fields },
    rules: [],
    stagingDir: folder,
    limits,
  } satisfies InputRequest
}

async function readRows(input: LoadedInput): Promise<string[]> {
  const names = input.casts.map(({ field }) => `"${field.name}"::VARCHAR`).join(', ')
  const found = await session.connection.runAndReadAll(`SELECT ${names} FROM (${selectRowsOrFail(input, [])})`)
  return found.getRowsJson().map((row) => JSON.stringify(row))
}

/** The rows in the order of the file; null if the text has to be read exactly. */
async function readDirectly(request: InputRequest, text: string | Uint8Array) {
  writeFileSync(file, text)
  const input = await openDirectInput(session, request)
  const rows = input && (await readRows(input).catch(() => null))
  return input && rows && (await input.isExact(rows.length)) ? { rows, fieldUse: input.fieldUse } : null
}

/** Null when a row is rejected. */
async function readExactly(request: InputRequest) {
  const rejects = new Rejects()
  const reading = { rejects, onProgress: () => {}, problems: new MappingProblems(), preview: null }
  const input = await openExactInput(session, request, reading)
  try {
    const rows = await readRows(input).catch(() => null)
    return rows === null || rejects.rowCount > 0 ? null : { rows, fieldUse: input.fieldUse }
  } finally {
    await input.discard()
  }
}

const TYPES = { a: 'long', b: 'string', c: 'boolean', d: 'decimal(4, 2)', e: 'double', f: 'date' } as const
const FIRST = '{"a":1,"b":"x","c":true,"d":1.5,"e":2.5,"f":"2024-02-29"}'
const text = fc
  .array(
    fc.constantFrom('a', ',', ', ', '{', '}', ':', ' ', 'é', '😀', "'", '%', '\\n', '\\"', '\\u00e9', '\\\\', '\\/'),
  )
  .map((pieces) => `"${pieces.join('')}"`)
const values: Readonly<Record<keyof typeof TYPES, fc.Arbitrary<string>>> = {
  a: fc.constantFrom(
    '0',
    '-1',
    '-0',
    '9223372036854775807',
    '9223372036854775808',
    '1.0',
    '01',
    '+1',
    '1e2',
    '"1"',
    'null',
  ),
  b: fc.oneof(
    { weight: 5, arbitrary: text },
    fc.constantFrom('null', '""', '"', '"\\ud800"', '"\\u0000"', '1', '"a"b"'),
  ),
  c: fc.constantFrom('true', 'false', 'null', 'TRUE', '"true"', '1'),
  d: fc.constantFrom('0.0', '12.50', '-1', '1.234', '.5', '1.', '100', '1e1', '99.990', '-0.0'),
  e: fc.constantFrom('0.1', '-0.0', '1e308', '1e309', '5e-324', '9007199254740993', 'NaN', '"NaN"', '00.1', '-.5', '3'),
  f: fc.constantFrom('"2024-02-30"', '"2023-01-01"', 'null', '"2024-1-1"', '"0001-01-01"'),
}
/** A record with other values in at most two members, and at times with something put into its text. */
const record = fc
  .tuple(fc.subarray(Object.keys(TYPES) as (keyof typeof TYPES)[], { maxLength: 2 }), fc.record(values), fc.nat())
  .chain(([changed, other, at]) => {
    const members = FIRST.slice(1, -1).split(',')
    const line = `{${members.map((one) => changed.reduce((said, key) => (one.startsWith(`"${key}"`) ? `"${key}":${other[key]}` : said), one)).join(',')}}`
    const noise = fc.constantFrom(',"', ',', '"', '}', ' ', '\r', '\t', '\n', '\\', '\u0001', '{}', '\n\n')
    const cut = at % (line.length + 1)
    return fc.oneof(
      { weight: 12, arbitrary: fc.constant(line) },
      { weight: 1, arbitrary: noise.map((put) => line.slice(0, cut) + put + line.slice(cut)) },
      { weight: 1, arbitrary: noise.map((put) => line + put) },
    )
  })

describe('NDJSON that DuckDB divides', () => {
  it('is read as the exact reader reads it, or refused', async () => {
    const request = toRequest(TYPES)
    let comparedCount = 0
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 3 }), fc.constantFrom('\n', '', '\r\n'), async (records, end) => {
        const direct = await readDirectly(request, `${[FIRST, ...records].join('\n')}${end}`)
        if (direct === null) return
        comparedCount += 1
        expect(direct).toEqual(await readExactly(request))
      }),
      { numRuns: 1000 },
    )
    expect(comparedCount).toBeGreaterThan(100)
  }, 120_000)

  it('is refused where a line only looks like records', async () => {
    const request = toRequest({ a: 'int', b: 'string' })
    const good = '{"a":1,"b":"x"}'
    expect(await readDirectly(request, `${good}\n${good}\n`)).not.toBeNull()
    for (const line of [
      `${good},"`,
      `${good}\r${good}`,
      '{"a":1,"b":"x"y"}',
      '{"a":1,"b":"x\ty"}',
      '{"a":1,"b":"}',
      '{"a":1,"b":"\\ud800"}',
      '{"a":01,"b":"x"}',
      '{"b":"x","a":1}',
      '{"a":1}',
    ])
      expect(await readDirectly(request, `${good}\n${line}\n${good}\n`), line).toBeNull()
    expect(await readDirectly(request, Buffer.from(`${good}\n{"a":1,"b":"\u00e9"}\n`, 'latin1'))).toBeNull()
  })

  it('may have spaces between members, keys that are ignored, and any text in a key', async () => {
    const lines = [
      '{"a": 1, "b é%_\'": "x, \\"y\\"", "c": 1e999, "d": null}',
      '{"a": null, "b é%_\'": null, "c": "\\u0041\\\\", "d": "2024-01-01"}',
    ].join('\n')
    const types = { a: 'int', "b é%_'": 'string', d: 'date', other: 'int' } as const
    const request = toRequest(types, { ignoredFields: ['c'] })
    const direct = await readDirectly(request, lines)
    expect(direct?.rows).toEqual(['["1","x, \\"y\\"",null,null]', '[null,null,"2024-01-01",null]'])
    expect(direct?.fieldUse).toEqual({ absentColumns: ['other'], skippedFields: ['c'] })
    expect(direct).toEqual(await readExactly(request))
    const withExtra = toRequest(types, {}, true)
    expect(await readDirectly(withExtra, lines)).toEqual(await readExactly(withExtra))
    expect(await readDirectly(toRequest(types), lines)).toBeNull()
    expect(await readDirectly(request, lines.replace('"\\u0041\\\\"', '"\\x"'))).toBeNull()
  })

  it('counts its rows: a line that DuckDB missed would be lost', async () => {
    const request = toRequest({ a: 'int', b: 'string' })
    writeFileSync(file, '{"a":1,"b":"x"}\n\n{"a":2,"b":"y"}')
    const input = await openDirectInput(session, request)
    expect(await input?.isExact(2)).toBe(true)
    expect(await input?.isExact(1)).toBe(false)
  })
})
