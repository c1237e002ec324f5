// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { ChangeConflict } from '@/lib/contract/table/changes'
import type { Intent } from '@/lib/changes/intents/intent'
import { render } from '@/testing/components/render'
import { ConflictChoice } from './conflict-choice'

afterEach(cleanup)

const CONFLICT: ChangeConflict = { index: 0, base: null, current: 'price', requested: 'price', rebased: null }
const ADD: Extract<Intent, { kind: 'add-column' }> = {
  kind: 'add-column',
  parentId: null,
  parent: [],
  name: 'price',
  type: 'decimal(9, 2)',
  required: false,
  doc: 'in euro',
  initialDefault: null,
  writeDefault: null,
  after: null,
}
const OTHER: Intent = { kind: 'set-property', key: 'owner', value: 'ada', base: null }

function show(intent: Intent, conflict = CONFLICT) {
  let intents: readonly Intent[] = [OTHER, { ...ADD, name: 'tax' }, intent]
  const drop = vi.fn()
  const update = vi.fn((toNext: (now: readonly Intent[]) => readonly Intent[]) => {
    intents = toNext(intents)
  })
  const pending = { intents, startedAt: null, put: vi.fn(), drop, update, clear: vi.fn() }
  render(<ConflictChoice intent={intent} conflict={conflict} pending={pending} />)
  return { drop, intentsNow: () => intents }
}

it('gives a column whose name is taken another one, and keeps what else was written', async () => {
  const { intentsNow } = show(ADD)
  const rename = screen.getByRole('button', { name: 'Rename mine' })
  expect(rename).toHaveProperty('disabled', true)
  await userEvent.type(screen.getByRole('textbox', { name: 'Another name for yours' }), ' net_price {Enter}')
  expect(intentsNow()).toEqual([OTHER, { ...ADD, name: 'tax' }, { ...ADD, name: 'net_price' }])
})

it('renames a branch whose name is taken, too', async () => {
  const branch: Intent = {
    kind: 'create-ref',
    refName: 'audit',
    type: 'branch',
    snapshotId: '7',
    retention: { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null },
  }
  const { intentsNow } = show(branch, { ...CONFLICT, current: 'audit', requested: 'audit' })
  await userEvent.type(screen.getByRole('textbox', { name: 'Another name for yours' }), 'audit2{Enter}')
  expect(intentsNow()[2]).toMatchObject({ refName: 'audit2' })
})

it('A change that gives no name is dropped only', async () => {
  const { drop } = show({ kind: 'remove-property', key: 'note', base: 'x' })
  expect(screen.getByText('Your change no longer applies to this table.')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Rename mine' })).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Keep theirs' }))
  expect(drop).toHaveBeenCalledOnce()
})

it('refuses a name that another of the changes gives', async () => {
  const { intentsNow } = show(ADD)
  await userEvent.type(screen.getByRole('textbox', { name: 'Another name for yours' }), 'tax{Enter}')
  expect(screen.getByText('Another of your changes adds it.')).toBeTruthy()
  expect(intentsNow()[2]).toEqual(ADD)
})

it('A partition field that is there under another name needs no name of its own', () => {
  const field: Intent = { kind: 'add-partition-field', sourceId: 1, source: ['id'], transform: 'bucket[16]', name: 'b' }
  show(field, { ...CONFLICT, current: 'id_bucket', requested: 'b' })
  expect(screen.getByText('Your change no longer applies to this table.')).toBeTruthy()
})
