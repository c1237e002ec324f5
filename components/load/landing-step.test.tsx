// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it } from 'vitest'
import { useState } from 'react'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { renderInTable, SAMPLE_DETAIL } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { LandingStep } from './landing-step'
import type { AllowedRejects } from './use-load-draft'

stubApi()
afterEach(cleanup)

const changes: LoadLanding[] = []

function Step({ from }: { from: LoadLanding }) {
  const [state, setState] = useState<{ landing: LoadLanding; rejects: AllowedRejects }>({ landing: from, rejects: {} })
  const change = (part: Partial<typeof state>) => {
    if (part.landing) changes.push(part.landing)
    setState({ ...state, ...part })
  }
  const draft = { ...state, change }
  const sampled = { estimate: null, isReading: false, error: null, isPossible: true }
  return <LandingStep draft={draft} detail={SAMPLE_DETAIL} sampled={sampled} isOpen={false} />
}

it('A load that replaces matching rows asks for their filter, and retains it with another branch', async () => {
  renderInTable(<Step from={{ operation: 'replace-where', branch: null, where: '' }} />)
  await userEvent.click(await screen.findByText('Landing'))
  await userEvent.type(await screen.findByLabelText('Rows to replace'), 'day > 5')
  await userEvent.type(screen.getByLabelText('Branch'), 'audit')
  expect(changes.at(-1)).toEqual({ operation: 'replace-where', branch: 'audit', where: 'day > 5' })
  expect(screen.getByText(/^Readers of main see the rows once the branch is published/)).toBeTruthy()
})

it('Other loads have no filter', async () => {
  renderInTable(<Step from={{ operation: 'append', branch: null }} />)
  await userEvent.click(await screen.findByText('Landing'))
  expect(await screen.findByLabelText('Branch')).toBeTruthy()
  expect(screen.queryByLabelText('Rows to replace')).toBeNull()
})
