import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { TokenPage } from '@/components/admin/tokens/token-page'
import { tokensQuery } from '@/lib/client/tokens'
import type { SearchParams } from '../../span-from-address'

export const metadata: Metadata = { title: 'Tokens' }

export default async function TokensPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { owners } = await searchParams
  return (
    <FirstView queries={[tokensQuery(owners === 'everybody' ? owners : 'mine')]}>
      <TokenPage />
    </FirstView>
  )
}
