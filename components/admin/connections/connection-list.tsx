'use client'
import { Button } from '@mantine/core'
import { IconAlertOctagon, IconCircleCheck, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { Unloaded } from '@/components/shell/unloaded'
import { LabelChip } from '@/components/shell/catalog-name'
import { Page } from '@/components/shell/page'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Mono } from '@/components/ui/values/mono'
import { Panel } from '@/components/ui/panel'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { connectionsQuery, useTestConnection } from '@/lib/client/connections'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { ConnectionEntry, ConnectionTest } from '@/lib/contract/connections'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import classes from './connections.module.css'
import { EmbeddedCatalog } from './embedded-catalog'
import { SearchIndexes } from './search-indexes'
import { RefusedConnections } from './refused-connections'
import { failedStep, TestResult, testSummary } from './test-result'

/** Connections to other catalogs, with their settings and last test. */
export function ConnectionList() {
  const router = useRouter()
  const sorting = useSortInUrl()
  const canConnect = useHasPermission('console:admin')
  const query = useQuery({ ...connectionsQuery(), enabled: canConnect !== false })
  const test = useTestConnection()
  const tested = query.data?.find(({ connectionId }) => connectionId === test.variables)
  if (canConnect === false) return <RefusedConnections />
  return (
    <Page
      title="Connections"
      actions={
        canConnect && (
          <Button
            component={Link}
            href={paths.newConnection()}
            leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />}
          >
            Add connection
          </Button>
        )
      }
    >
      <EmbeddedCatalog />
      <Panel
        title="Other catalogs"
        {...(query.data && { subtitle: formatQuantity(query.data.length, 'connection') })}
        flush
      >
        {!query.isSuccess ? (
          <Unloaded query={query} subject="The list of connections" skeleton={[3, 5, 'Reading connections']} />
        ) : query.data.length === 0 ? (
          <EmptyState>
            No connections yet. Connect an Iceberg REST catalog or open tables from metadata files.
          </EmptyState>
        ) : (
          <DataTable
            label="Connections"
            columns={buildColumns((connectionId) => test.mutate(connectionId), test.isPending ? test.variables : null)}
            rows={query.data}
            rowKey={({ connectionId }) => connectionId}
            sorting={sorting}
            onOpen={({ connectionId }) => router.push(paths.connection(connectionId))}
            stacks
          />
        )}
      </Panel>
      {canConnect === true && <SearchIndexes />}
      {test.error && <ProblemNote error={test.error} subject={`The test of ${tested?.name ?? 'the connection'}`} />}
      {test.data && tested && (
        <Panel title={`Test of ${tested.name}`}>
          <TestResult test={test.data} />
        </Panel>
      )}
    </Page>
  )
}

const LOGINS = { none: 'none', bearer: 'token', oauth2: 'OAuth2', basic: 'password', sigv4: 'SigV4' } as const

function buildColumns(test: (connectionId: string) => void, testingId: string | null): Column<ConnectionEntry>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      weight: 'name',
      sortBy: ({ name }) => name,
      cell: ({ connectionId, name, settings: { label } }) => (
        <span className="inline-row gap-8">
          <Link href={paths.connection(connectionId)} tabIndex={-1} prefetch={false}>
            {name}
          </Link>
          {label && <LabelChip {...label} />}
        </span>
      ),
    },
    {
      id: 'kind',
      header: 'Kind',
      sortBy: ({ settings }) => settings.kind,
      cell: ({ settings }) => (settings.kind === 'rest' ? 'REST' : 'metadata files'),
    },
    { id: 'address', header: 'URL', cell: ({ settings }) => <Mono>{addressOf(settings)}</Mono> },
    {
      id: 'warehouse',
      header: 'Warehouse',
      wideOnly: true,
      cell: ({ settings }) =>
        settings.kind === 'rest' ? (
          <Mono>{settings.warehouse ?? 'default'}</Mono>
        ) : (
          formatQuantity(settings.tables.length, 'table')
        ),
    },
    {
      id: 'login',
      header: 'Authentication',
      wideOnly: true,
      cell: ({ settings }) => (settings.kind === 'rest' ? LOGINS[settings.auth.kind] : 'none'),
    },
    { id: 'test', header: 'Last test', cell: ({ lastTest }) => <LastTest test={lastTest} /> },
    {
      id: 'actions',
      header: '',
      align: 'end',
      width: 80,
      cell: ({ connectionId, name }) => (
        <WaitingButton
          variant="subtle"
          size="compact-xs"
          aria-label={`Test ${name}`}
          loading={testingId === connectionId}
          onClick={() => test(connectionId)}
        >
          Test
        </WaitingButton>
      ),
    },
  ]
}

function LastTest({ test }: { test: ConnectionTest | null }) {
  if (test === null) return <span className="quiet">not tested</span>
  const failed = failedStep(test)
  const Icon = failed ? IconAlertOctagon : IconCircleCheck
  return (
    <span className={`${classes.state} ${failed ? classes.failed : classes.ok}`} title={failed?.detail}>
      <Icon size={14} stroke={1.6} aria-hidden />
      {testSummary(test)} <RelativeTime atMs={test.atMs} />
    </span>
  )
}

function addressOf(settings: ConnectionEntry['settings']): string {
  return settings.kind === 'rest' ? settings.uri : (settings.storage.roots[0] ?? '')
}
