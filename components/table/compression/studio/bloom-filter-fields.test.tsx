// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import type { StoredColumn } from '@/lib/contract/table/compression'
import { render } from '@/testing/components/render'
import { BloomFilterFields } from './bloom-filter-fields'

afterEach(cleanup)

const ENABLED = 'write.parquet.bloom-filter-enabled.column.leg.tail'
const OWN = 'lakeshore.parquet.column.7.bloom-filter'

function renderFields(properties: Readonly<Record<string, string>>, type = 'string') {
  let shown = properties
  function Fields() {
    const [after, setAfter] = useState(properties)
    shown = after
    // The fields use only these parts of a column.
    const column = { fieldId: 7, column: ['leg', 'tail'], type } as StoredColumn
    return (
      <BloomFilterFields
        column={column}
        now={properties}
        after={after}
        setValue={(key, value) =>
          setAfter((before) =>
            Object.fromEntries(
              Object.entries({ ...before, [key]: value }).flatMap(([name, text]) =>
                text === null ? [] : [[name, text]],
              ),
            ),
          )
        }
        canChange
      />
    )
  }
  render(<Fields />)
  return () => shown
}

async function choose(option: string) {
  await userEvent.click(screen.getByRole('combobox', { name: 'Bloom filter' }))
  await userEvent.click(await screen.findByRole('option', { name: option }))
}

describe('The Bloom filter of a column', () => {
  it('is set as a property that Java’s writers follow, with its rate', async () => {
    const properties = renderFields({ [OWN]: 'drop' })
    expect(screen.getByRole<HTMLInputElement>('combobox', { name: 'Bloom filter' }).value).toBe('drop')
    expect(screen.queryByLabelText('False-positive rate')).toBeNull()
    await choose('write')
    await userEvent.type(screen.getByLabelText('False-positive rate'), '0.001')
    await userEvent.type(screen.getByLabelText('Distinct values, at most'), '5000')
    expect(properties()).toEqual({
      [ENABLED]: 'true',
      'write.parquet.bloom-filter-fpp.column.leg.tail': '0.001',
      'write.parquet.bloom-filter-ndv.column.leg.tail': '5000',
    })
  })

  it('is dropped for Java’s writers, too', async () => {
    const properties = renderFields({ [ENABLED]: 'true' })
    await choose('drop')
    expect(properties()).toEqual({ [ENABLED]: 'false' })
  })

  it('explains a rate that cannot be used, and keeps what was there', async () => {
    const properties = renderFields({ [ENABLED]: 'true' })
    await userEvent.type(screen.getByLabelText('False-positive rate'), '2')
    screen.getByText('The value should be above 0 and below 1.')
    expect(properties()).toEqual({ [ENABLED]: 'true' })
  })

  it('cannot be written for booleans', async () => {
    renderFields({}, 'boolean')
    await userEvent.click(screen.getByRole('combobox', { name: 'Bloom filter' }))
    await screen.findByRole('option', { name: 'drop' })
    expect(screen.queryByRole('option', { name: 'write' })).toBeNull()
  })
})
