// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
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
      share={null}
      onSave={() => {}}
      isHistoryOpen={false}
      onToggleHistory={() => {}}
    />,
  )
}

test('While the page asks whether to load a lot, only the question offers Cancel', () => {
  renderToolbar('select 1', true)
  expect(screen.queryByRole('button', { name: 'Cancel' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Run' }).hasAttribute('disabled')).toBe(true)
})
