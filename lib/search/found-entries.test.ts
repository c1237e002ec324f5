import { expect, it } from 'vitest'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { CLONED_FROM } from '../iceberg/properties/cloned-from'
import { tableEntries } from './found-entries'

it('finds a property by its name, but neither a secret nor the name of another table by the value', () => {
  const properties = { owner2: 'ada', 's3.secret-access-key': 'wJalr', [CLONED_FROM.table]: 'local.payroll.salaries' }
  const { entries } = tableEntries(sampleMetadata({ properties }), 's3://lake/t/metadata/1.json')
  const found = entries.filter(({ kind }) => kind === 'property').map(({ name, detail }) => [name, detail])
  expect(found).toEqual([
    ['owner2', 'ada'],
    ['s3.secret-access-key', null],
    [CLONED_FROM.table, null],
  ])
})
