import type { Metadata } from 'next'
import { Page } from '@/components/shell/page'
import { paths } from '@/lib/paths/paths'

export const metadata: Metadata = { title: 'Page not found' }

export default function NotFound() {
  return (
    <Page title="Page not found">
      <p className="bare">There is no page at this address.</p>
      <a href={paths.home()}>Go home</a>
    </Page>
  )
}
