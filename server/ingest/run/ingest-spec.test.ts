import { describe, expect, it } from 'vitest'
import { parseIngestSpec, parseSchema } from './ingest-spec'

describe('A schema file', () => {
  it('is plain Iceberg schema JSON', () => {
    const text = '{"type":"struct","fields":[{"id":1,"name":"a","required":true,"type":"decimal(9,2)","doc":"x"}]}'
    expect(parseSchema(text).fields).toEqual([{ id: 1, name: 'a', required: true, type: 'decimal(9, 2)', doc: 'x' }])
  })

  it.each(['{', '[]', '{"type":"struct","fields":[{"id":1,"name":"a","required":true,"type":"text"}]}'])(
    'that is invalid is refused: %s',
    (text) => {
      expect(() => parseSchema(text)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
    },
  )
})

it('A run of an earlier build has one location, and one digest of a proposal', () => {
  const { input, proposed } = parseIngestSpec({
    input: 'file:///a.csv',
    format: 'csv',
    ignoreExtra: false,
    maxRejectedRows: 0,
    create: null,
    proposed: { proposalId: 'p', tableUuid: 't', sha256: 'ab' },
  })
  expect(input).toEqual([{ location: 'file:///a.csv' }])
  expect(proposed).toEqual({ proposalId: 'p', tableUuid: 't', sha256: ['ab'] })
})
