import { expect, it } from 'vitest'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { candidateProblem } from './candidate-problem'

const at = (transform: string) => ({ sourceId: 2, transform })
const schemas = [
  {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [
      { id: 1, name: 'id', required: false, type: 'long' },
      { id: 2, name: 'at', required: false, type: 'timestamp' },
    ],
  },
] as const
const specOf = (...transforms: string[]) =>
  sampleMetadata({
    schemas,
    currentSchemaId: 0,
    partitionSpecs: [
      {
        specId: 0,
        fields: transforms.map((transform, i) => ({ ...at(transform), fieldId: 1000 + i, name: transform })),
      },
    ],
    defaultSpecId: 0,
  })

it('A candidate with two times of one column, or with a field twice, is refused as a commit of it would be', () => {
  expect(candidateProblem([at('month'), at('day')], specOf())).toBe(
    'Partitioning by both month(at) and day(at) is redundant: the finer one divides the rows already.',
  )
  expect(candidateProblem([at('bucket[4]'), at('BUCKET[04]')], specOf())).toBe('The candidate has bucket[4](at) twice.')
})

it('A time field that the table has may stay next to another one', () => {
  expect(candidateProblem([at('month'), at('day')], specOf('month'))).toBeNull()
  expect(candidateProblem([at('day'), { sourceId: 1, transform: 'bucket[4]' }], specOf())).toBeNull()
  expect(candidateProblem([at('day'), at('day')], specOf('day'))).toBe('The candidate has day(at) twice.')
})
