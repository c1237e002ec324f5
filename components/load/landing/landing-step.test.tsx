// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { useState } from 'react'
import { listRefs, type RefDetail } from '@/lib/contract/table/refs'
import { getTable } from '@/lib/contract/table/tables'
import { AppError } from '@/lib/errors'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { LandingStep } from './landing-step'
import type { AllowedRejects } from '../use-load-draft'
import { useLoadBranch } from './use-load-branch'

const call = stubApi()
const branchOf = (name: string): RefDetail => ({
  name,
  type: 'branch',
  snapshotId: '1',
  committedAtMs: 1,
  aheadCount: 0,
  behindCount: 0,
  minSnapshotsToKeep: null,
  maxSnapshotAgeMs: null,
  maxRefAgeMs: null,
})
const REFS = [branchOf('main'), branchOf('audit'), { ...branchOf('q1'), type: 'tag' as const }]
beforeEach(() => {
  call.mockImplementation(async (endpoint: unknown, input: { name?: string; ref?: string }) => {
    if (endpoint === listRefs && input.name === 'broken') throw new AppError('internal', 'The catalog is down.')
    if (endpoint === listRefs) {
      const refs = REFS.filter(({ name }) => input.name === undefined || name === input.name)
      return { totalCount: REFS.length, refs, nextOffset: null }
    }
    if (endpoint === getTable && input.ref === 'audit')
      return { ...SAMPLE_DETAIL, figures: { ...SAMPLE_DETAIL.figures, rowCount: 5_030 } }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

const changes: LoadLanding[] = []

function Step({ from }: { from: LoadLanding }) {
  const [state, setState] = useState<{ landing: LoadLanding; rejects: AllowedRejects }>({ landing: from, rejects: {} })
  const change = (part: Partial<typeof state>) => {
    if (part.landing) changes.push(part.landing)
    setState({ ...state, ...part })
  }
  const draft = { ...state, change }
  const branch = useLoadBranch(SAMPLE_IDENTIFIER, state.landing.branch, SAMPLE_DETAIL.figures)
  const sampled = { estimate: null, isReading: false, error: null, isPossible: true }
  return (
    <>
      <LandingStep table={SAMPLE_IDENTIFIER} {...{ draft, branch, sampled }} detail={SAMPLE_DETAIL} isOpen={false} />
      <output aria-label="Known of the branch">
        {JSON.stringify([branch.kind, branch.figures?.rowCount ?? null])}
      </output>
    </>
  )
}

it('A load that replaces matching rows asks for their filter, and retains it with another branch', async () => {
  renderInTable(<Step from={{ operation: 'replace-where', branch: null, where: '' }} />)
  await userEvent.click(await screen.findByText('Landing'))
  await userEvent.type(await screen.findByLabelText('Rows to replace'), 'day > 5')
  await userEvent.type(screen.getByRole('combobox', { name: 'Branch' }), 'audit')
  expect(changes.at(-1)).toEqual({ operation: 'replace-where', branch: 'audit', where: 'day > 5' })
  expect(await screen.findByText(/^Readers of main see the rows once it is published/)).toBeTruthy()
})

it('Other loads have no filter', async () => {
  renderInTable(<Step from={{ operation: 'append', branch: null }} />)
  await userEvent.click(await screen.findByText('Landing'))
  expect(await screen.findByRole('combobox', { name: 'Branch' })).toBeTruthy()
  expect(screen.queryByLabelText('Rows to replace')).toBeNull()
})

it.each([
  ['audit', /^Readers of main see the rows once/, 'existing', 5_030],
  ['audti', /^A new branch, which begins at the tip of main/, 'new', SAMPLE_DETAIL.figures.rowCount],
  ['q1', 'q1 is a tag, so nothing is loaded into it.', 'tag', null],
  ['broken', /^It is not known whether it exists: The catalog is down/, null, null],
])('The branch %s is looked up: what it is, and what the load adds to', async (name, sentence, kind, rowCount) => {
  renderInTable(<Step from={{ operation: 'append', branch: name }} />)
  await userEvent.click(await screen.findByText('Landing'))
  expect(await screen.findByText(sentence)).toBeTruthy()
  const known = screen.getByRole('status', { name: 'Known of the branch' })
  await waitFor(() => expect(known.textContent).toBe(JSON.stringify([kind, rowCount])))
})

it('The branches of the table are offered once the field is entered, without tags', async () => {
  renderInTable(<Step from={{ operation: 'append', branch: null }} />)
  await userEvent.click(await screen.findByText('Landing'))
  expect(call).not.toHaveBeenCalled()
  await userEvent.click(await screen.findByRole('combobox', { name: 'Branch' }))
  await waitFor(() =>
    expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual(['main', 'audit']),
  )
})
