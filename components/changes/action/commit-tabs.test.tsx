// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { CommitTabs } from './commit-tabs'

afterEach(cleanup)

const script = (text: string, commitCount: number, missingCount: number) => ({ text, commitCount, missingCount })
const TABS = (
  <CommitTabs
    request={{ path: '/v1/namespaces/demo/tables/t', body: '{"updates": []}' }}
    scripts={{
      spark: script('ALTER TABLE a;\nALTER TABLE b;', 2, 0),
      trino: script('-- none', 0, 2),
      pyiceberg: script('table = 1', 1, 0),
    }}
    changeCount={2}
  />
)

it('shows the request of the commit first', () => {
  render(TABS)
  expect(screen.getByRole('tab', { name: 'REST request' }).getAttribute('aria-selected')).toBe('true')
  expect(screen.getByRole('region', { name: 'Request' }).textContent).toBe(
    'POST /v1/namespaces/demo/tables/t\n{"updates": []}',
  )
})

it('shows what each engine runs, and how that differs from one commit', async () => {
  const user = userEvent.setup()
  render(TABS)
  await user.click(screen.getByRole('tab', { name: 'Spark SQL' }))
  expect(screen.getByRole('region', { name: 'Spark SQL' }).textContent).toBe('ALTER TABLE a;\nALTER TABLE b;')
  expect(screen.getByRole('tabpanel').textContent).toContain('2 commits instead of one.')
  expect(screen.getByRole('button', { name: 'Copy Spark SQL' })).toBeTruthy()
  await user.keyboard('{ArrowRight}')
  expect(screen.getByRole('tabpanel').textContent).toContain('Trino SQL has nothing for 2 of 2 changes')
  await user.keyboard('{ArrowRight}{ArrowRight}')
  expect(screen.getByRole('region', { name: 'Request' })).toBeTruthy()
  await user.keyboard('{ArrowLeft}')
  expect(screen.getByRole('tabpanel').textContent).toBe('table = 1')
})

it('lets Tab pass its tabs in one step, and says why a request is not known', async () => {
  const user = userEvent.setup()
  render(<CommitTabs {...TABS.props} request="The snapshot gets its id when it is committed." />)
  expect(screen.getByRole('tabpanel').textContent).toBe('The snapshot gets its id when it is committed.')
  expect(screen.queryByRole('button', { name: /^Copy/ })).toBeNull()
  await user.tab()
  await user.keyboard('{End}')
  expect(document.activeElement).toBe(screen.getByRole('tab', { name: 'PyIceberg' }))
  await user.tab()
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Copy PyIceberg' }))
  await user.tab({ shift: true })
  await user.keyboard('{Home}')
  expect(document.activeElement).toBe(screen.getByRole('tab', { name: 'REST request' }))
})
