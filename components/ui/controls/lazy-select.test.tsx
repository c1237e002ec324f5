// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import { render } from '@/testing/components/render'
import { LazySelect } from './lazy-select'

afterEach(cleanup)

const CODECS = [
  { value: 'zstd', label: 'Zstandard' },
  { value: 'gzip', label: 'Gzip' },
  { value: 'snappy', label: 'Snappy' },
]

function Codec({ initial = 'zstd', searchable = false }: { initial?: string | null; searchable?: boolean }) {
  const [codec, configuredCodec] = useState<string | null>(initial)
  return (
    <>
      <LazySelect
        label="Codec"
        data={CODECS}
        value={codec}
        onChange={configuredCodec}
        searchable={searchable}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear', 'aria-hidden': false }}
      />
      <output>{codec ?? 'none'}</output>
    </>
  )
}

const field = () => screen.getByRole<HTMLInputElement>('combobox', { name: 'Codec' })
/** The look of the field: the classes and sizes of the field and its surroundings. */
const appearance = () => {
  const root = field().closest('.mantine-Select-root')
  return [root, ...(root?.querySelectorAll('*') ?? [])].map(
    (element) =>
      `${element?.tagName} ${element?.className.toString()} ${element?.getAttribute('data-size')} ${element?.getAttribute('style')}`,
  )
}
const optionNames = async () => (await screen.findAllByRole('option', { hidden: true })).map((o) => o.textContent)

test('The chosen value is shown from the start, and a click opens the list', async () => {
  render(<Codec />)
  expect(field().value).toBe('Zstandard')
  expect(field().getAttribute('aria-expanded')).toBe('false')
  const closed = appearance()
  await userEvent.click(field())
  expect(await optionNames()).toEqual(['Zstandard', 'Gzip', 'Snappy'])
  expect(appearance()).toEqual(closed)
  await userEvent.click(screen.getByRole('option', { name: 'Gzip', hidden: true }))
  expect(screen.getByRole('status').textContent).toBe('gzip')
  expect(field().value).toBe('Gzip')
})

test('The keyboard opens the list, keeps the focus on the field and begins at the chosen option', async () => {
  render(<Codec initial="gzip" />)
  await userEvent.tab()
  expect(document.activeElement).toBe(field())
  await userEvent.keyboard('{ArrowDown}')
  await optionNames()
  expect(document.activeElement).toBe(field())
  await userEvent.keyboard('{ArrowDown}{Enter}')
  expect(screen.getByRole('status').textContent).toBe('snappy')
})

test('A value is cleared before the list was ever opened', async () => {
  render(<Codec />)
  await userEvent.click(screen.getByRole('button', { name: 'Clear' }))
  expect(screen.getByRole('status').textContent).toBe('none')
  expect(field().value).toBe('')
})

test('Letters open a searchable list, show the options that contain them, and Enter chooses the first', async () => {
  render(<Codec searchable />)
  await userEvent.tab()
  // The first letter opens the list, and may be the last one.
  await userEvent.keyboard('g')
  expect(await optionNames()).toEqual(['Gzip'])
  await userEvent.keyboard('{Enter}')
  expect(screen.getByRole('status').textContent).toBe('gzip')
  expect(field().value).toBe('Gzip')
  await userEvent.keyboard('{Escape}')
  await userEvent.click(document.body)
  await userEvent.tab()
  await userEvent.keyboard('sn{Enter}')
  expect(screen.getByRole('status').textContent).toBe('snappy')
})
