// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import { render } from '@/testing/components/render'
import { QueryToolbar } from './query-toolbar'

afterEach(cleanup)

function renderToolbar(sql: string, isAsking = false) {
  render(
    <QueryToolbar
      sql={sql}
      canRun
      isRunning={isAsking}
      isAsking={isAsking}
      onRun={() => {}}
      menu={{
        onRunAll: () => {},
        onExplain: () => {},
        onFormat: () => {},
        isPreviewOn: false,
        onPreviewChange: () => {},
        text: { sql, cursor: 0, connection: 'local', connections: ['local'] },
      }}
      onCancel={() => {}}
      connections={['local']}
      connection="local"
      onConnection={() => {}}
      asOf={null}
      engine={null}
      rowLimit={10_000}
      isLimited
      onLimitedChange={() => {}}
      linkedSql={() => sql}
      onSave={() => {}}
      isHistoryOpen={false}
      onToggleHistory={() => {}}
    />,
  )
}

test('A copied link has the text in the editor, not the one that the URL still has', async () => {
  const user = userEvent.setup()
  renderToolbar("select 'a&b'")
  await user.click(screen.getByRole('button', { name: 'Copy link to this query' }))
  expect(await navigator.clipboard.readText()).toBe(`${window.location.origin}/query?sql=select+%27a%26b%27`)
})

test('A text that is too long for a URL offers no link', () => {
  renderToolbar('x'.repeat(6001))
  expect(screen.queryByRole('button', { name: 'Copy link to this query' })).toBeNull()
})

test('While the page asks whether to load a lot, only the question offers Cancel', () => {
  renderToolbar('select 1', true)
  expect(screen.queryByRole('button', { name: 'Cancel' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Run' }).hasAttribute('disabled')).toBe(true)
})
