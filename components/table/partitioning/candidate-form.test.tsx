// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { useUnfinishedLabel } from '@/lib/client/table/unfinished-edits'
import { render } from '@/testing/components/render'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { CandidateForm } from './candidate-form'

afterEach(cleanup)

function Tray() {
  return <output aria-label="tray">{useUnfinishedLabel()}</output>
}

async function choose(noun: string, option: string) {
  await userEvent.click(await screen.findByRole('combobox', { name: `${noun} of the candidate` }))
  await userEvent.click(await screen.findByRole('option', { name: option, hidden: true }))
}

it.each([
  ['bucket', 'Buckets', '16'],
  ['truncate', 'Width', '4'],
])(
  'A candidate by %s is not compared until its parameter is a whole number that a spec takes',
  async (kind, noun, usual) => {
    const onAdd = vi.fn()
    render(
      <>
        <CandidateForm metadata={sampleMetadata()} onAdd={onAdd} onCancel={vi.fn()} />
        <Tray />
      </>,
    )
    await choose('Column', 'origin')
    await choose('Transform', kind)
    const field = screen.getByRole('textbox', { name: `${noun} of the candidate` })
    const compare = screen.getByRole('button', { name: 'Compare' })
    expect(field).toHaveProperty('value', usual)
    for (const [text, reason] of [
      ['0', 'A whole number from 1'],
      ['', 'A whole number from 1'],
      ['-3', 'A whole number from 1'],
      ['many', 'A whole number from 1'],
      ['2147483648', 'At most 2,147,483,647'],
      ['99999999999999999999', 'At most 2,147,483,647'],
    ] as const) {
      await userEvent.clear(field)
      if (text !== '') await userEvent.type(field, text)
      await userEvent.tab()
      expect(screen.getByText(reason)).toBeTruthy()
      expect(compare).toHaveProperty('disabled', true)
      expect(screen.getByText(`${noun} of the candidate: correct the value first.`)).toBeTruthy()
      await userEvent.click(compare)
    }
    // A candidate is not a change of the table.
    expect(screen.getByLabelText('tray').textContent).toBe('')
    expect(onAdd).not.toHaveBeenCalled()
    await userEvent.clear(field)
    await userEvent.type(field, '8')
    await userEvent.click(compare)
    expect(onAdd).toHaveBeenCalledWith([{ sourceId: expect.any(Number), transform: `${kind}[8]` }])
  },
)
