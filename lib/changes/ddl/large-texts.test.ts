import { describe, expect, it, vi } from 'vitest'
import { AppError, ERROR_CODES } from '@/lib/errors'
import { byCases } from '@/testing/property-cases'
import {
  DEEP_JSON,
  DEEP_SPARK,
  DEEP_TRINO,
  DEEP_YAML,
  WIDE_JSON,
  WIDE_SPARK,
  WIDE_TRINO,
  WIDE_YAML,
  YAML_BOMBS,
} from '@/testing/texts/large-declarations'
import { declarationFromText } from '../declaration/declaration-text'
import { MAX_YAML_DEPTH, MAX_YAML_MEMBERS, parseDeclarationYaml } from '../declaration/declaration-yaml'
import { MAX_COLUMNS } from '../declaration/table-declaration'
import { parseExactJson } from '../../iceberg/json/exact-json'
import { draftOfDeclaration } from '../new-table/new-table-draft'
import { MAX_TYPE_DEPTH } from '../../iceberg/schema/schema'
import { schemaFromJson } from '../../iceberg/schema/schema-json'
import { guessFormat, parseTableText, type TextFormat } from './parse-table-text'

/** The status of the refusal. A text that is read, and any other error, fails the test. */
function refuse(text: string, format: TextFormat): number {
  try {
    // Iceberg's own schemas are refused when a table is drafted from them.
    draftOfDeclaration(parseTableText(text, format, parseDeclarationYaml).declaration)
  } catch (error) {
    if (error instanceof AppError) return ERROR_CODES[error.code].status
    throw error
  }
  throw new Error(`the text of ${text.length} characters was read`)
}

/** How many times texts exceed the bounds: in `npm test` not as often as in the part `exhaustive`. */
const DEPTH_FACTORS = byCases([10], [10, 1000])
const WIDTH_FACTORS = byCases([2], [10, 1000])

const isRefusal = (status: number) => status >= 400 && status < 500

describe.each<[TextFormat, typeof DEEP_SPARK, typeof WIDE_SPARK, { depth: number; width: number }]>([
  ['Spark SQL', DEEP_SPARK, WIDE_SPARK, { depth: MAX_TYPE_DEPTH, width: MAX_COLUMNS }],
  ['Trino SQL', DEEP_TRINO, WIDE_TRINO, { depth: MAX_TYPE_DEPTH, width: MAX_COLUMNS }],
  ['JSON', DEEP_JSON, WIDE_JSON, { depth: MAX_TYPE_DEPTH, width: MAX_COLUMNS }],
  ['YAML', DEEP_YAML, WIDE_YAML, { depth: MAX_YAML_DEPTH, width: MAX_YAML_MEMBERS }],
])('A table in %s', (format, deep, wide, { depth, width }) => {
  for (const [name, build] of Object.entries(deep))
    it.each(DEPTH_FACTORS)(`that is far too deep is refused: ${name}, %i times the bound`, (factor) => {
      expect(isRefusal(refuse(build(factor * depth), format))).toBe(true)
    })

  for (const [name, build] of Object.entries(wide))
    it.each(WIDTH_FACTORS)(`that is far too wide is refused: ${name}, %i times the bound`, (factor) => {
      // A longer one is refused by its length alone.
      const text = build(Math.min(factor * width, 200_000))
      expect(isRefusal(refuse(text, format))).toBe(true)
      expect(() => guessFormat(text)).not.toThrow()
    })
})

describe('A table in YAML', () => {
  it.each(Object.entries(YAML_BOMBS))('that stands for far more than it has is refused: %s', (_name, text) => {
    expect(isRefusal(refuse(text, 'YAML'))).toBe(true)
  })

  it('says which bound was reached', () => {
    const read = (text: string) => () => parseDeclarationYaml(text)
    expect(read(DEEP_YAML['flow sequences']?.(5_000) ?? '')).toThrow('The YAML is nested more than 200 deep.')
    expect(read(WIDE_YAML['keys of a map']?.(10_001) ?? '')).toThrow('a map of more than 10000 members')
    expect(read(WIDE_YAML['aliases']?.(101) ?? '')).toThrow('The YAML has more than 100 aliases.')
    expect(read(YAML_BOMBS['aliases of a long list'] ?? '')).toThrow('when its aliases are replaced')
    expect(read('a'.repeat(1_000_001))).toThrow('The YAML is longer than 1000000 characters.')
    expect(read(`[${'a, '.repeat(200_000)}]`)).toThrow('The YAML has more than 500000 words and marks.')
  })

  it('is read at the bounds', () => {
    const { value } = parseDeclarationYaml(WIDE_YAML['members of a block list']?.(MAX_YAML_MEMBERS) ?? '')
    expect((value as { 'identifier-fields': string[] })['identifier-fields']).toHaveLength(MAX_YAML_MEMBERS)
    expect(() => parseDeclarationYaml(`a: ${'['.repeat(198)}${']'.repeat(198)}`)).not.toThrow()
  })
})

describe('Keys of a map in YAML', () => {
  it('are unique', () => {
    for (const [text, position] of [
      ['a: 1\nb:\n  c: 1\n  c: 2\n', 'line 4, column 3: c'],
      ['a: {1: x, 0x1: y}', 'line 1, column 11: 1'],
      ['? a\n"a": 1', 'line 2, column 1: a'],
    ] as const)
      expect(() => parseDeclarationYaml(text)).toThrow(`This is no YAML: Map keys must be unique at ${position}`)
    expect(parseDeclarationYaml('a: {b: 1}\nb: [{a: 1}, {a: 2}]').value).toEqual({
      a: { b: 1 },
      b: [{ a: 1 }, { a: 2 }],
    })
  })

  it.each(['keys of a map', 'keys of a flow map'])('are not compared in pairs: %s', (name) => {
    const keyCount = byCases(1_000, MAX_YAML_MEMBERS)
    const compared = vi.spyOn(Array.prototype, 'some')
    let value: unknown
    let lengths: number[]
    try {
      value = parseDeclarationYaml(WIDE_YAML[name]?.(keyCount) ?? '').value
      lengths = compared.mock.contexts.map((items) => (items as unknown[]).length)
    } finally {
      compared.mockRestore()
    }
    expect(Object.keys((value as { properties: object }).properties)).toHaveLength(keyCount)
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(10 * keyCount)
  })
})

describe('Nested types', () => {
  it('are read up to the bound in every text', () => {
    for (const [format, text] of [
      ['Spark SQL', DEEP_SPARK['structs']?.(MAX_TYPE_DEPTH)],
      ['Trino SQL', DEEP_TRINO['rows']?.(MAX_TYPE_DEPTH)],
      ['JSON', DEEP_JSON['arrays of JSON Schema']?.(MAX_TYPE_DEPTH - 1)],
      ['JSON', DEEP_JSON['lists of Iceberg']?.(MAX_TYPE_DEPTH)],
    ] as const)
      expect(() =>
        draftOfDeclaration(parseTableText(text ?? '', format, parseDeclarationYaml).declaration),
      ).not.toThrow()
  })

  it('of a declaration from elsewhere are refused beyond it, as deep as JSON may be', () => {
    const declare = (depth: number, leaf: string) => () =>
      draftOfDeclaration(
        declarationFromText(`{"columns":[{"name":"a","type":${'{"list":'.repeat(depth)}${leaf}${'}'.repeat(depth)}}]}`),
      )
    expect(declare(MAX_TYPE_DEPTH, '"int"')).not.toThrow()
    for (const depth of [MAX_TYPE_DEPTH + 1, 500, 10_000])
      for (const leaf of ['"int"', '7']) expect(declare(depth, leaf)).toThrow(AppError)
  })

  it('of a stored schema are read as deep as its JSON may be', () => {
    const text = DEEP_JSON['lists of Iceberg']?.(500) ?? ''
    expect(() => schemaFromJson(parseExactJson(text))).not.toThrow()
    expect(() => parseExactJson(DEEP_JSON['lists of Iceberg']?.(5_000) ?? '')).toThrow(AppError)
  })
})
