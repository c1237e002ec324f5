import { TIME_ZONE_COOKIE } from '@/lib/cookies'
import { PAGE_ADDRESS_HEADER } from '@/server/program/page-address'

/** The headers with which a browser in UTC loads a page, as layouts and pages see them. */
export function pageRequestHeaders(address: string, cookie: string): Headers {
  return new Headers({
    accept: 'text/html,*/*;q=0.8',
    cookie: `${cookie}; ${TIME_ZONE_COOKIE}=${encodeURIComponent('system:UTC')}`,
    [PAGE_ADDRESS_HEADER]: address,
  })
}
