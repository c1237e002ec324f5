import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { NuqsTestingAdapter, type OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { type ReactElement, useState } from 'react'
import { ShownTableProvider } from '@/components/table/frame/shown-table'
import { InitialSession } from '@/lib/client/session/initial-session'
import { keys } from '@/lib/client/keys'
import type { Role } from '@/lib/permissions'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableDetail } from '@/lib/contract/table/tables'
import { sampleSession } from '@/testing/contract/sample-session'
import { render, type Surroundings } from './render'
import { signedIn } from './stub-api'

export const SAMPLE_IDENTIFIER = { catalog: 'local', namespace: ['demo'], table: 'flights' }

/** A table with three commits and a tag on the first. */
export const SAMPLE_DETAIL: TableDetail = {
  tableUuid: 'd20125c8-7284-442c-9aea-15fee620737c',
  formatVersion: 2,
  unreadable: null,
  catalogKind: 'embedded',
  abilities: ['commit-table'],
  catalogAccess: { rest: null, database: null, s3: null },
  location: 'file:///lake/demo/flights',
  metadataLocation: 'file:///lake/demo/flights/metadata/3.json',
  lastUpdatedMs: 3_000,
  properties: { owner: 'ada', 'write.parquet.compression-codec': 'gzip' },
  figures: { rowCount: 30, liveBytes: 300, dataFileCount: 3, deleteFileCount: 0 },
  shown: { snapshotId: '13', committedAtMs: 3_000, ref: { name: 'main', type: 'branch' }, isCurrent: true },
  schema: { schemaId: 0, identifierFieldIds: [], fields: [] },
  partitionedBy: 'month(date)',
  sortedBy: '',
  partitionSourceIds: [],
  sortSourceIds: [],
  shownMetadata: {
    location: 'file:///lake/demo/flights/metadata/3.json',
    lastUpdatedMs: 3_000,
    snapshotCount: 3,
    refNames: ['main', 'q1'],
  },
  shownMetadataProblem: null,
  refs: [
    { name: 'main', type: 'branch', snapshotId: '13' },
    { name: 'q1', type: 'tag', snapshotId: '11' },
  ],
  timeline: [
    { snapshotId: '11', committedAtMs: 1_000, isTagged: true },
    { snapshotId: '12', committedAtMs: 2_000, isTagged: false },
    { snapshotId: '13', committedAtMs: 3_000, isTagged: false },
  ],
  openProposalCount: 0,
}

/** The sample table at its first commit. */
export const SAMPLE_PAST: TableDetail = {
  ...SAMPLE_DETAIL,
  figures: { ...SAMPLE_DETAIL.figures, rowCount: 10 },
  shown: { snapshotId: '11', committedAtMs: 1_000, ref: { name: 'q1', type: 'tag' }, isCurrent: false },
  partitionedBy: 'day(date)',
  shownMetadata: {
    location: 'file:///lake/demo/flights/metadata/1.json',
    lastUpdatedMs: 1_000,
    snapshotCount: 1,
    refNames: ['main'],
  },
}

/** The sample table before its first commit. */
export const SAMPLE_UNWRITTEN: TableDetail = {
  ...SAMPLE_DETAIL,
  figures: { rowCount: 0, liveBytes: 0, dataFileCount: 0, deleteFileCount: 0 },
  shown: { snapshotId: null, committedAtMs: null, ref: null, isCurrent: true },
  shownMetadata: SAMPLE_DETAIL.shownMetadata && { ...SAMPLE_DETAIL.shownMetadata, snapshotCount: 0, refNames: [] },
  refs: [],
  timeline: [],
}

/** Renders a part of a table page in a test, with its side panels. */
export function renderInTable(
  part: ReactElement,
  {
    detail = SAMPLE_DETAIL,
    asOf = {},
    role = 'editor',
    search = '',
    onUrlUpdate,
    ...surroundings
  }: {
    detail?: TableDetail
    asOf?: AsOf
    role?: Role
    search?: string
    onUrlUpdate?: OnUrlUpdateFunction
  } & Omit<Surroundings, 'query'> = {},
) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const session = sampleSession(role)
  signedIn.session = session
  client.setQueryData(keys.session(), session)
  function Page() {
    const [sidePanelHost, setSidePanelHost] = useState<HTMLElement | null>(null)
    return (
      <>
        <ShownTableProvider
          value={{ table: SAMPLE_IDENTIFIER, asOf, detail, sidePanelHost, setRowsSql: () => undefined }}
        >
          {part}
        </ShownTableProvider>
        <div ref={setSidePanelHost} />
      </>
    )
  }
  return render(
    <NuqsTestingAdapter searchParams={search} hasMemory {...(onUrlUpdate && { onUrlUpdate })}>
      <QueryClientProvider client={client}>
        <InitialSession value={session}>
          <Page />
        </InitialSession>
      </QueryClientProvider>
    </NuqsTestingAdapter>,
    { query: search, ...surroundings },
  )
}
