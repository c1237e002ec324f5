import { expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { currentSchema } from '../../iceberg/metadata/current-layout'
import { changeForIntents } from '../intents/intent-changes'
import { declarationIntents } from './declaration-intents'
import { toDeclaration } from './to-declaration'

const sample = sampleMetadata()
const [first] = currentSchema(sample).fields
const declared = toDeclaration(sample).columns ?? []

it('A new column can have the name that another one gives up in the same file', () => {
  const { id = 0, name = '' } = first ?? {}
  const [renamed, ...others] = declared
  if (renamed === undefined) throw new Error('the sample has no column')
  const columns = [{ ...renamed, id, name: `${name}_old` }, ...others, { name, type: 'string' }]
  const intents = declarationIntents(sample, { columns })
  expect(intents.map(({ kind }) => kind)).toEqual(['rename-column', 'add-column'])
  const added = changeForIntents(sample, intents).updates.flatMap((update) =>
    update.action === 'add-schema' ? update.schema.fields.map((field) => [field.id, field.name]) : [],
  )
  expect(added[0]).toEqual([id, `${name}_old`])
  expect(added.at(-1)).toEqual([sample.lastColumnId + 1, name])
})

it('Two columns of a file with one id are refused with the id', () => {
  const [one] = declared
  const id = first?.id ?? 0
  if (one === undefined) throw new Error('the sample has no column')
  const columns = [
    { ...one, id },
    { ...one, id, name: 'other' },
  ]
  expect(catchAppError(() => declarationIntents(sample, { columns })).message).toContain(`which has the id ${id}.`)
})
