import { HomePage } from '@/components/home/home-page'
import { homeQuery } from '@/lib/client/home'
import { FirstView } from '@/app/first-view'
import { type SearchParams, spanFromAddress } from './span-from-address'

export default async function Home({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { span } = spanFromAddress(await searchParams, '24h')
  return (
    <FirstView queries={[homeQuery(span)]}>
      <HomePage />
    </FirstView>
  )
}
