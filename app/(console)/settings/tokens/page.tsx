import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { TokenPage } from '@/components/tokens/token-page'
import { tokensQuery } from '@/lib/client/tokens'

export const metadata: Metadata = { title: 'Tokens' }

export default function TokensPage() {
  return (
    <FirstView queries={[tokensQuery('mine')]}>
      <TokenPage />
    </FirstView>
  )
}
