// @vitest-environment happy-dom
import { act, cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { renderToString } from 'react-dom/server'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ExactTime } from '@/components/ui/values/exact-time'
import { TimeZoneProvider } from '@/components/ui/values/use-time-zone'
import { readCookie, TIME_ZONE_COOKIE } from '@/lib/cookies'
import { chooseTimeZone, parseTimeZoneCookie, zoneName } from '@/lib/time-zone'
import { render } from '@/testing/components/render'
import { TimeZoneDialog } from './time-zone-dialog'

const AT_MS = Date.parse('2026-11-19T13:02:11Z')

beforeEach(() => chooseTimeZone('Europe/Berlin'))
// The next test file shares its modules.
afterAll(() => chooseTimeZone(null))
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const storedChoice = () => parseTimeZoneCookie(readCookie(TIME_ZONE_COOKIE))

async function choose(words: string, option: string) {
  const field = screen.getByRole('combobox', { name: 'Show times in' })
  await userEvent.clear(field)
  // At once: every key would draw the whole list again.
  await userEvent.paste(words)
  await userEvent.click(await screen.findByRole('option', { name: option }))
}

test('The chosen time zone applies at once to every time on the page, and is stored', async () => {
  render(
    <>
      <ExactTime atMs={AT_MS} />
      <TimeZoneDialog opened onClose={() => {}} />
    </>,
  )
  expect(screen.getByText('19 Nov 2026, 14:02:11 UTC+1').title).toContain('(Europe/Berlin)')
  await choose('new york', 'America/New York')
  expect(screen.getByText('19 Nov 2026, 08:02:11 UTC-5')).toBeTruthy()
  expect(zoneName()).toBe('America/New_York')
  expect(storedChoice()).toEqual({ zone: 'America/New_York', isChosen: true })

  await choose('utc', 'UTC')
  expect(screen.getByText('19 Nov 2026, 13:02:11 UTC')).toBeTruthy()
})

test.each([
  ['kolkata', 'Asia/Kolkata', 'Asia/Kolkata'],
  ['Calcutta', 'Asia/Calcutta', 'Asia/Calcutta'],
  ['kyiv', 'Europe/Kyiv', 'Europe/Kyiv'],
  ['Ho Chi', 'Asia/Ho Chi Minh', 'Asia/Ho_Chi_Minh'],
  ['US/Pacific', 'US/Pacific', 'US/Pacific'],
])('“%s” finds the zone, under its current and its former name', async (words, option, zone) => {
  render(<TimeZoneDialog opened onClose={() => {}} />)
  await choose(words, option)
  expect(storedChoice()).toEqual({ zone, isChosen: true })
})

test('A zone that is typed in another case is offered once', async () => {
  render(<TimeZoneDialog opened onClose={() => {}} />)
  await userEvent.clear(screen.getByRole('combobox', { name: 'Show times in' }))
  await userEvent.type(screen.getByRole('combobox', { name: 'Show times in' }), 'asia/kolkata')
  expect((await screen.findAllByRole('option')).map(({ textContent }) => textContent)).toEqual(['Asia/Kolkata'])
})

test('A zone that another tab chooses applies in this tab', async () => {
  render(<ExactTime atMs={AT_MS} />)
  expect(screen.getByText('19 Nov 2026, 14:02:11 UTC+1')).toBeTruthy()
  const sendZone = (newValue: string) =>
    act(() => void window.dispatchEvent(new StorageEvent('storage', { key: TIME_ZONE_COOKIE, newValue })))
  sendZone('Asia%2FTokyo')
  expect(screen.getByText('19 Nov 2026, 22:02:11 UTC+9')).toBeTruthy()
  expect(zoneName()).toBe('Asia/Tokyo')
  sendZone('not a zone')
  expect(zoneName()).toBe('Asia/Tokyo')
})

test('Other tabs learn of the choice', () => {
  chooseTimeZone('Asia/Tokyo')
  expect(localStorage.getItem(TIME_ZONE_COOKIE)).toBe(readCookie(TIME_ZONE_COOKIE))
})

test('The dialog closes after the choice', async () => {
  const onClose = vi.fn()
  render(<TimeZoneDialog opened onClose={onClose} />)
  await choose('utc', 'UTC')
  expect(onClose).toHaveBeenCalledOnce()
})

test('The system decides again when the user says so', async () => {
  render(<TimeZoneDialog opened onClose={() => {}} />)
  await choose('system', `System (${new Intl.DateTimeFormat().resolvedOptions().timeZone})`)
  expect(storedChoice()).toMatchObject({ isChosen: false })
  expect(zoneName()).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone)
})

test('The server renders times in the zone of the cookie', () => {
  const html = renderToString(
    <TimeZoneProvider initial={parseTimeZoneCookie('system%3AAsia%2FTokyo')}>
      <ExactTime atMs={AT_MS} />
    </TimeZoneProvider>,
  )
  expect(html).toContain('19 Nov 2026, 22:02:11 UTC+9')
})

test.each([undefined, '', 'Mars/Olympus', '%E0%A4%A', 'system%3A'])(
  'Without a valid zone (%s) the server uses UTC',
  (value) => {
    const html = renderToString(
      <TimeZoneProvider initial={parseTimeZoneCookie(value)}>
        <ExactTime atMs={AT_MS} />
      </TimeZoneProvider>,
    )
    expect(html).toContain('19 Nov 2026, 13:02:11 UTC')
  },
)
