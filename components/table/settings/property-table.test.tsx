// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import { type Intent, intentTarget } from '@/lib/changes/intents/intent'
import { render } from '@/testing/components/render'
import { AddProperty } from './add-property'
import { propertyRows } from './property-rows'
import { PropertyTable } from './property-table'
import { putProperty } from '@/components/changes/tray/put-property'

afterEach(cleanup)

const KEY = 's3.secret-access-key'
const SHOWN = 'hidden (3f9a2c1b)'
const pending: PendingChanges = {
  intents: [],
  startedAt: null,
  put: vi.fn(),
  drop: vi.fn(),
  update: vi.fn(),
  clear: vi.fn(),
}

it('allows removing a secret, but not editing it', async () => {
  const rows = propertyRows({ [KEY]: SHOWN, team: 'ada' }, []).filter(({ group }) => group === 'free')
  render(
    <PropertyTable
      rows={rows}
      pending={pending}
      setValue={(key, value) =>
        putProperty(pending, { schema: { fields: [] }, properties: { [KEY]: SHOWN } }, key, value)
      }
      canChange
      codec={null}
      empty={null}
    />,
  )
  screen.getByText(SHOWN)
  expect(screen.getByRole('textbox', { name: 'team' })).toHaveProperty('disabled', false)
  expect(screen.queryByRole('textbox', { name: KEY })).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: `Remove ${KEY}` }))
  expect(pending.put).toHaveBeenCalledWith({ kind: 'remove-property', key: KEY, base: SHOWN })
})

it('refuses to add a secret', async () => {
  render(<AddProperty properties={{}} onAdd={vi.fn()} />)
  await userEvent.type(screen.getByRole('textbox', { name: 'Key' }), 'jdbc.password')
  expect(screen.getByRole('alert').textContent).toContain('jdbc.password would contain a secret')
  expect(screen.getByRole('button', { name: 'Add property' })).toHaveProperty('disabled', true)
})

it('adds a property that no list has', async () => {
  const onAdd = vi.fn()
  render(<AddProperty properties={{}} onAdd={onAdd} />)
  await userEvent.type(screen.getByRole('textbox', { name: 'Key' }), 'owner')
  await userEvent.type(screen.getByRole('textbox', { name: 'Value' }), 'the night shift')
  await userEvent.click(screen.getByRole('button', { name: 'Add property' }))
  expect(onAdd).toHaveBeenCalledWith('owner', 'the night shift')
})

/** The settings of a table with the given properties, as they are edited. `onChange` receives the pending changes. */
function Settings({
  properties,
  keys,
  onChange,
}: {
  properties: Record<string, string>
  keys: readonly string[]
  onChange: (intents: readonly Intent[]) => void
}) {
  const [intents, setIntents] = useState<readonly Intent[]>([])
  const change = (next: readonly Intent[]) => {
    setIntents(next)
    onChange(next)
  }
  const without = (target: string) => intents.filter((intent) => intentTarget(intent) !== target)
  const edits: PendingChanges = {
    intents,
    startedAt: null,
    put: (intent) => change([...without(intentTarget(intent)), intent]),
    drop: (target) => change(without(target)),
    update: (toNext) => change(toNext(intents)),
    clear: () => change([]),
  }
  const rows = propertyRows(properties, intents)
  return (
    <PropertyTable
      rows={rows.filter(({ key }) => keys.includes(key))}
      pending={edits}
      setValue={(key, value) => putProperty(edits, { schema: { fields: [] }, properties }, key, value)}
      canChange
      codec={rows.find(({ key }) => key === CODEC)?.shown ?? null}
      empty={null}
    />
  )
}

const CODEC = 'write.parquet.compression-codec'
const LEVEL = 'write.parquet.compression-level'
const SIZE = 'write.target-file-size-bytes'

function renderSettings(properties: Record<string, string>, keys: readonly string[]) {
  const onChange = vi.fn<(intents: readonly Intent[]) => void>()
  render(<Settings properties={properties} keys={keys} onChange={onChange} />)
  return { pendingChanges: () => onChange.mock.lastCall?.[0] ?? [] }
}

describe('A size', () => {
  it.each([
    ['128 MiB', '134217728', '128 MiB'],
    ['512 MB', '512000000', '≈ 488 MiB'],
    ['1048576', '1048576', '1.00 MiB'],
  ])('can be typed as %s and is shown as the exact number with its meaning', async (typed, digits, meaning) => {
    const { pendingChanges } = renderSettings({}, [SIZE])
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: SIZE })
    await userEvent.type(field, typed)
    expect(field.value).toBe(typed)
    expect(pendingChanges()).toEqual([{ kind: 'set-property', key: SIZE, value: digits, base: null }])
    await userEvent.tab()
    expect(field.value).toBe(digits)
    expect(describedTexts(field)).toEqual([meaning])
  })

  it('shows its default in a unit, and says that it is the default', () => {
    renderSettings({}, [SIZE])
    expect(screen.getByPlaceholderText('512 MiB (default)')).toBeTruthy()
  })
})

describe('A duration', () => {
  const AGE = 'history.expire.max-snapshot-age-ms'

  it.each([
    ['7 days', '604800000', '7 days'],
    ['90 s', '90000', '1 min 30 s'],
    ['300000', '300000', '5 min'],
  ])('can be typed as %s and is shown as the exact number with its meaning', async (typed, digits, meaning) => {
    const { pendingChanges } = renderSettings({}, [AGE])
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: AGE })
    await userEvent.type(field, typed)
    expect(pendingChanges()).toEqual([{ kind: 'set-property', key: AGE, value: digits, base: null }])
    await userEvent.tab()
    expect(field.value).toBe(digits)
    expect(describedTexts(field)).toEqual([meaning])
  })

  it('shows its default in units, and says which texts are durations', async () => {
    renderSettings({}, [AGE])
    expect(screen.getByPlaceholderText('5 days (default)')).toBeTruthy()
    const field = screen.getByRole('textbox', { name: AGE })
    await userEvent.type(field, '5 months')
    expect(describedTexts(field)).toEqual([
      'The value should be a number of milliseconds, such as 300000, or a duration such as 5 min or 7 days.',
    ])
  })
})

describe('A refused value', () => {
  it('says why below the field, also to screen readers, and is not passed on', async () => {
    const { pendingChanges } = renderSettings({ [SIZE]: '1024' }, [SIZE])
    const field = screen.getByRole('textbox', { name: SIZE })
    await userEvent.clear(field)
    await userEvent.type(field, '12 potatoes')
    expect(field.getAttribute('aria-invalid')).toBe('true')
    expect(describedTexts(field)).toEqual(['The value should be a number of bytes, such as 134217728 or 128 MiB.'])
    expect(pendingChanges()).toEqual([])
  })

  it('keeps the text and the focus while it is typed', async () => {
    renderSettings({}, ['commit.retry.num-retries'])
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'commit.retry.num-retries' })
    await userEvent.type(field, '12x')
    expect(field.value).toBe('12x')
    expect(document.activeElement).toBe(field)
  })
})

it('shows the stored value again when a change is discarded', async () => {
  renderSettings({ team: 'ada' }, ['team'])
  const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'team' })
  await userEvent.type(field, ' and bob')
  expect(field.value).toBe('ada and bob')
  await userEvent.click(screen.getByRole('button', { name: 'Discard the change of team' }))
  expect(field.value).toBe('ada')
})

describe('The compression level', () => {
  it.each([
    ['zstd', ''],
    ['gzip', ''],
    ['snappy', 'Not applicable now: snappy has no levels.'],
  ])('says whether %s has levels', (codec, reason) => {
    renderSettings({ [CODEC]: codec }, [LEVEL])
    const row = screen.getAllByRole('row')[1]
    const use = within(row!).getByRole('cell', { name: 'Spark, Flink, PyIceberg, Lakeshore' })
    expect(use.querySelector('span')?.title).toBe(reason)
  })

  it('has the levels of the codec', async () => {
    renderSettings({ [CODEC]: 'gzip' }, [LEVEL])
    await userEvent.type(screen.getByRole('textbox', { name: LEVEL }), '12')
    expect(screen.getByText('The value should be a whole number from 0 to 9 for gzip.')).toBeTruthy()
  })
})

it('shows the default and the use in the name cell too, because narrow tables show only that cell', () => {
  renderSettings({}, [SIZE])
  const [name, , byDefault, use] = screen.getAllByRole('cell')
  expect(name?.textContent).toContain('default 536870912 512 MiBwriters: Spark, Flink, PyIceberg, Lakeshore')
  expect([byDefault?.dataset.wide, use?.dataset.wide]).toEqual(['true', 'true'])
})

it('opens a property by the keyboard and says all that is known of it', async () => {
  renderSettings({ team: 'ada' }, [SIZE, 'team'])
  screen.getByRole('button', { name: `Details of ${SIZE}` }).focus()
  await userEvent.keyboard('{Enter}')
  const facts = [...document.querySelectorAll('dl > *')].map((one) => one.textContent)
  expect(facts).toEqual([
    'Type',
    'whole number from 1',
    'Default',
    '536870912 512 MiB',
    'Unit',
    'bytes',
    'Since',
    'Iceberg 0.7.0',
    'Writers',
    'Spark: yesFlink: yesTrino: noPyIceberg: yesLakeshore: yes',
  ])
  expect(document.activeElement?.getAttribute('aria-expanded')).toBe('true')
  await userEvent.click(screen.getByRole('button', { name: 'Details of team' }))
  expect(document.querySelector('dl')).toBeNull()
  expect(screen.getByText(/writers that honour it are unknown/)).toBeTruthy()
})

/** The texts that describe a field to screen readers. */
function describedTexts(field: HTMLElement): string[] {
  const ids = field.getAttribute('aria-describedby')?.split(' ') ?? []
  return ids.map((id) => document.querySelector(`#${CSS.escape(id)}`)?.textContent ?? '')
}

it('names the column and the setting of a property of a column, and its key', () => {
  const key = 'lakeshore.parquet.column.6.compression-codec'
  const names = (fieldId: number) => (fieldId === 6 ? 'route' : null)
  const rows = propertyRows({ [key]: 'zstd' }, [], names).filter((row) => row.key === key)
  render(<PropertyTable rows={rows} pending={pending} setValue={vi.fn()} canChange={false} codec={null} empty={null} />)
  expect(screen.getByRole('button', { name: `Details of ${key}` }).textContent).toBe('codec of route')
  expect(screen.getByRole('row', { name: /codec of route/ }).textContent).toContain(key)
  expect(propertyRows({ [key]: 'zstd' }, []).find((row) => row.key === key)?.label).toBe('codec of column 6')
})
