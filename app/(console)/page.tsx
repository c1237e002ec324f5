import type { Metadata } from 'next'
import { HomePage } from '@/components/observe/home/home-page'
import { catalogsQuery } from '@/lib/client/catalogs'
import { homeQuery } from '@/lib/client/home'
import { waitingProposalsQuery } from '@/lib/client/table/proposals'
import { FirstView } from '@/app/first-view'
import { type SearchParams, spanFromAddress } from './span-from-address'

export const metadata: Metadata = { title: 'Home' }

export default async function Home({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { span } = await spanFromAddress(await searchParams)
  return (
    <FirstView queries={[homeQuery(span), waitingProposalsQuery(), catalogsQuery()]}>
      <HomePage />
    </FirstView>
  )
}
