import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, it } from 'vitest'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { renderInTable } from '@/testing/components/render-in-table'
import { CsvFields } from './csv-fields'

function Fields({ seen }: { seen: (string | null)[] }) {
  const [csv, setCsv] = useState<CsvOptions>(CSV_DEFAULTS)
  return (
    <CsvFields
      csv={csv}
      unanswered={[]}
      onChange={(change) => {
        if (change.delimiter !== undefined) seen.push(change.delimiter)
        setCsv({ ...csv, ...change })
      }}
    />
  )
}

it('Any character can be the delimiter', async () => {
  const seen: (string | null)[] = []
  renderInTable(<Fields seen={seen} />)
  await userEvent.click(screen.getByRole('combobox', { name: 'Delimiter' }))
  await userEvent.click(await screen.findByRole('option', { name: 'another character' }))
  await userEvent.type(screen.getByRole('textbox', { name: 'Character' }), '^')
  expect(seen).toEqual(['^'])
  await userEvent.click(screen.getByRole('combobox', { name: 'Delimiter' }))
  await userEvent.click(await screen.findByRole('option', { name: 'tab' }))
  expect(seen).toEqual(['^', '\t'])
  expect(screen.queryByRole('textbox', { name: 'Character' })).toBeNull()
})
