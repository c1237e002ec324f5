import { FirstView } from '@/app/first-view'
import { ViewPage } from '@/components/views/view-page'
import { viewQuery } from '@/lib/client/views'
import { entryMetadata } from '@/app/page-titles'
import { type ViewParams, viewFromParams } from '@/lib/paths/paths'

type Props = { params: Promise<ViewParams> }

export const generateMetadata = entryMetadata

export default async function View({ params }: Props) {
  const view = viewFromParams(await params)
  return (
    <FirstView queries={[viewQuery(view)]}>
      <ViewPage view={view} />
    </FirstView>
  )
}
