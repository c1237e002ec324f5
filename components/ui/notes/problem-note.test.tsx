// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { ProblemNote } from './problem-note'
import { render } from '@/testing/components/render'

afterEach(cleanup)

it('says what happened, to which thing, what was not changed and what to do', () => {
  render(
    <ProblemNote
      error={new AppError('commit-conflict', 'Branch main moved.', { requestId: '01JCZ7Q4M2' })}
      subject="demo.flights"
      unchanged="Nothing was committed."
      next="Read the table again and review once more."
    />,
  )
  const lines = [...(screen.getByRole('alert').lastElementChild?.children ?? [])].map((line) => line.textContent)
  expect(lines).toEqual([
    'This does not fit the table as it is now',
    'demo.flights: Branch main moved.',
    'Nothing was committed.',
    'Read the table again and review once more.',
    'request 01JCZ7Q4M2',
  ])
})

it('says the name of the thing once, if the first words name it', () => {
  render(<ProblemNote error={new AppError('not-found', 'demo.by_route is a view.')} subject="demo.by_route" />)
  expect(screen.getByText('demo.by_route is a view.')).toBeTruthy()
  expect(screen.queryByText('demo.by_route:')).toBeNull()
})

it('blames the catalog, not Lakeshore, when the catalog lacks an endpoint', () => {
  const facts = { endpoint: 'GET /v1/{prefix}/namespaces' }
  render(<ProblemNote error={new AppError('not-supported', 'The catalog does not offer it.', { facts })} />)
  expect(screen.getByText('Not supported')).toBeTruthy()
  expect(screen.getByText(/Ask its operator/)).toBeTruthy()
  expect(screen.queryByText(/Lakeshore can/)).toBeNull()
})

it('gives advice for the kind of failure, and copies the request id', async () => {
  render(<ProblemNote error={new AppError('not-found', 'There is no table x.', { requestId: 'abc' })} />)
  expect(screen.getByRole('alert').textContent).toContain(
    'It may have been renamed or dropped, or you may not have access. Look for it in Explore.',
  )
  const writeText = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
  await userEvent.click(screen.getByRole('button', { name: 'Copy request id' }))
  expect(writeText).toHaveBeenCalledWith('abc')
})

it('advises to look after a version conflict, not at the log of the server', () => {
  render(<ProblemNote error={new AppError('version-conflict', 'It has another version.')} />)
  expect(screen.getByRole('alert').textContent).toMatch(/Look at what was changed, then try again\.$/)
})

it('advises another engine for a table whose reads the catalog restricts', () => {
  render(<ProblemNote error={new AppError('read-restricted', 'The catalog restricts which rows may be read.')} />)
  expect(screen.getByText('The catalog restricts reads of this table')).toBeTruthy()
  expect(screen.getByText('Read it with an engine that applies the restrictions of the catalog.')).toBeTruthy()
})

it('advises neither a retry nor the log of the server for a name that is taken', () => {
  render(<ProblemNote error={new AppError('already-exists', 'There is a view v.')} unchanged="Nothing was made." />)
  expect(screen.getByRole('alert').textContent).toBe('The name is takenThere is a view v.Nothing was made.')
})

it('shows an unexpected error too, and offers a retry when there is one', async () => {
  const onRetry = vi.fn()
  render(<ProblemNote error={new TypeError('x is undefined')} onRetry={onRetry} />)
  expect(screen.getByRole('alert').textContent).toContain('Something went wrong')
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(onRetry).toHaveBeenCalledOnce()
})

it.each([
  ['an admin', 'location-refused', 'This location is not allowed', /path mapping/],
  ['everybody', 'forbidden', 'The storage does not allow this', /check the storage of the connection/],
] as const)(
  'tells %s that the storage refused a file, not that a permission is missing: %s',
  (_, code, title, next) => {
    const location = 's3://elsewhere/t/a.parquet'
    render(<ProblemNote error={new AppError(code, 'No.', { facts: { location } })} />)
    const alertText = screen.getByRole('alert').textContent
    expect(alertText).toContain(title)
    expect(alertText).toMatch(next)
    expect(alertText).not.toContain('permission')
    expect(alertText.includes(location)).toBe(code === 'location-refused')
  },
)

it('links to the account page when the catalog requires the user’s own credentials, without other advice', () => {
  render(<ProblemNote error={new AppError('credentials-required', 'Give yours under Settings, Account.')} />)
  expect(screen.getByRole('link').getAttribute('href')).toBe('/settings/account')
  expect(screen.getByRole('alert').textContent).not.toContain('admin')
})

it('links to sign-in and back to the same page when the session has ended', () => {
  window.history.replaceState(null, '', '/catalogs/local/namespaces/demo/tables/flights/data?ref=main')
  render(<ProblemNote error={new AppError('unauthenticated', 'The session has ended.')} />)
  const next = encodeURIComponent('/catalogs/local/namespaces/demo/tables/flights/data?ref=main')
  expect(screen.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe(`/login?next=${next}`)
  cleanup()
  render(<ProblemNote error={new AppError('forbidden', 'This needs the permission table:write.')} />)
  expect(screen.queryByRole('link')).toBeNull()
})
