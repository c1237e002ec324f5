import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { ViewPage } from '@/components/views/view-page'
import { viewQuery } from '@/lib/client/views'
import { titleFromParams, type ViewParams, viewFromParams } from '@/lib/paths/paths'

type Props = { params: Promise<ViewParams> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: titleFromParams(await params) }
}

export default async function View({ params }: Props) {
  const view = viewFromParams(await params)
  return (
    <FirstView queries={[viewQuery(view)]}>
      <ViewPage view={view} />
    </FirstView>
  )
}
