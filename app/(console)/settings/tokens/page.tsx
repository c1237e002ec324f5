import type { Metadata } from 'next'
import { TokenPage } from '@/components/tokens/token-page'

export const metadata: Metadata = { title: 'Tokens' }

export default function TokensPage() {
  return <TokenPage />
}
