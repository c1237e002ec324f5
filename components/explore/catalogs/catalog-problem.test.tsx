// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { CatalogProblem } from './catalog-problem'

afterEach(cleanup)

it('says why a catalog could not be read, and when it was last tried if that was earlier', () => {
  const problem = { code: 'catalog-unavailable', detail: 'far did not answer within 5 s.' } as const
  render(
    <>
      <p>
        <CatalogProblem problem={problem} />
      </p>
      <p>
        <CatalogProblem problem={{ ...problem, attemptStartedAtMs: Date.now() - 20_000 }} />
      </p>
    </>,
  )
  const [now, before] = screen.getAllByRole('paragraph').map((paragraph) => paragraph.textContent)
  expect(now).toBe('The catalog did not answer. far did not answer within 5 s.')
  // A flex row with gaps would spread several nodes apart.
  expect(screen.getAllByRole('paragraph').map(({ childNodes }) => childNodes.length)).toEqual([1, 1])
  expect(before).toMatch(/^The catalog did not answer[.] far did not answer within 5 s[.] Last tried \d+ s ago[.]$/)
})

it('links to the account page when the catalog requires the user’s own credentials', () => {
  render(<CatalogProblem problem={{ code: 'credentials-required', detail: 'far wants everybody to log in.' }} />)
  expect(screen.getByRole('link').getAttribute('href')).toBe('/settings/account')
})
