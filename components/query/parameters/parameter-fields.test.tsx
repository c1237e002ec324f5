// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { parseLinkedParameters } from '@/lib/client/query/query-parameters'
import type { QueryParameter } from '@/lib/query/parameter-types'
import { render } from '@/testing/components/render'
import { stubQuerySession } from '@/testing/components/stub-query-session'
import { ParameterFields } from './parameter-fields'

const SCOPE = { connections: ['local'], connection: 'local', asOf: {} }
const session = { readFields: vi.fn() }
stubQuerySession(session)

let latest: readonly QueryParameter[]
let client: QueryClient

beforeEach(() => {
  latest = []
  client = new QueryClient()
})
afterEach(cleanup)

function Fields({ sql, initial = [] }: { sql: string; initial?: readonly QueryParameter[] }) {
  const [values, setValues] = useState(initial)
  const onChange = (next: readonly QueryParameter[]) => {
    latest = next
    setValues(next)
  }
  return (
    <QueryClientProvider client={client}>
      <ParameterFields sql={sql} scope={SCOPE} values={values} onChange={onChange} />
    </QueryClientProvider>
  )
}

test('Each parameter of the text has a field with a type, and a wrong value says what is wrong', async () => {
  render(<Fields sql="select $late, '$no' where d > $Month and $month is not null" />)
  const month = screen.getByRole('textbox', { name: 'Value of $Month' })
  expect(screen.getAllByRole('textbox', { name: /^Value of/ })).toHaveLength(2)
  await userEvent.click(screen.getByRole('combobox', { name: 'Type of $Month' }))
  // The lists of both fields are in the page.
  const [, dateOfMonth] = screen.getAllByRole('option', { name: 'date', hidden: true })
  await userEvent.click(dateOfMonth ?? document.body)
  await userEvent.type(month, '2001-02-29')
  expect(screen.getByText('The parameter $Month is a date: write it as 2026-11-22.')).toBeDefined()
  await userEvent.clear(month)
  await userEvent.type(month, '2001-06-01')
  expect(screen.queryByText(/is a date/)).toBeNull()
  expect(latest).toEqual([{ name: 'Month', type: 'date', isList: false, text: '2001-06-01' }])
})

test('A parameter has the type of the column that it is compared with, until the user chooses one', async () => {
  const types = { date: 'date', delay: 'int', origin: 'string' }
  session.readFields.mockResolvedValue(
    Object.entries(types).map(([name, type], id) => ({ id, name, type, required: false })),
  )
  render(<Fields sql="select * from demo.flights f where f.date >= $from and $late < delay and origin = $origin" />)
  const type = (name: string) => screen.getByRole<HTMLInputElement>('combobox', { name: `Type of ${name}` })
  await waitFor(() => expect(type('$from').value).toBe('date'))
  expect(type('$late').value).toBe('number')
  expect(type('$origin').value).toBe('text')
  expect(session.readFields).toHaveBeenCalledExactlyOnceWith(
    { catalog: 'local', namespace: ['demo'], table: 'flights' },
    {},
    expect.anything(),
  )
  await userEvent.type(screen.getByRole('textbox', { name: 'Value of $late' }), '15')
  expect(latest).toEqual([{ name: 'late', type: 'number', isList: false, text: '15' }])
})

test('A boolean is true or false, null has no value, and a list has one value per line', async () => {
  render(<Fields sql="select $p" />)
  const chooseType = async (name: string) => {
    await userEvent.click(screen.getByRole('combobox', { name: 'Type of $p' }))
    await userEvent.click(screen.getByRole('option', { name, hidden: true }))
  }
  await chooseType('boolean')
  expect(latest).toEqual([{ name: 'p', type: 'boolean', isList: false, text: 'true' }])
  await chooseType('null')
  expect(screen.queryByRole('textbox', { name: 'Value of $p' })).toBeNull()
  await chooseType('list of numbers')
  const list = screen.getByRole('textbox', { name: 'Value of $p' })
  await userEvent.clear(list)
  await userEvent.type(list, '1{Enter}2')
  expect(latest).toEqual([{ name: 'p', type: 'number', isList: true, text: '1\n2' }])
})

test('A text without parameters has no fields, and a link cannot bring anything else', () => {
  render(<Fields sql="select '$a', b$c from t$snapshots" />)
  expect(screen.queryByRole('region')).toBeNull()
  for (const text of [
    '',
    '{}',
    '[{"name":"a"}]',
    `[${'{"name":"a","type":"text","isList":false,"text":""},'.repeat(60)}]`,
  ])
    expect(parseLinkedParameters(text)).toBeNull()
})
