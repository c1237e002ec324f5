'use client'
import { ActionIcon } from '@mantine/core'
import { IconArrowsExchange } from '@tabler/icons-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { EditedCondition } from '@/components/table/rows/filter/edited-condition'
import { FilterBar } from '@/components/table/rows/filter-bar'
import { useRowFilter } from '@/components/table/rows/use-row-filter'
import { SubPage, SubPageTitle } from '@/components/shell/sub-page'
import { useShownTable } from '@/components/table/frame/shown-table'
import { loadCode } from '@/lib/load-code'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { AddressProblems } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Toolbar } from '@/components/ui/toolbar'
import type { SnapshotComparison } from '@/lib/contract/table/comparison'
import type { TableDetail } from '@/lib/contract/table/tables'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { findSharedFields, listShownColumns } from '@/lib/scan/compare/compared-columns'
import classes from './compare-snapshots.module.css'
import { ComparedColumnsChoice } from './compared-columns-choice'
import { KeyChoice } from './key-choice'
import { StateChoice } from './state-choice'
import { type SuggestedKey, suggestKey } from './suggested-key'
import { COMPARE_CHECKS, type CompareAddress, useCompareAddress } from './use-compare-address'
import { useComparison } from './use-comparison'

const LazySteps = lazy(async () => ({
  default: (await loadCode(() => import('./comparison-steps'))).ComparisonSteps,
}))

/** Two states of a table side by side, with added, removed and changed rows. */
export function CompareSnapshots() {
  const { table, detail } = useShownTable()
  const address = useCompareAddress(detail)
  const { before, after, problem } = address
  if (problem !== null) {
    return (
      <CompareBody table={table} detail={detail} address={address}>
        <div className={classes.note}>
          <ProblemNote error={new AppError('invalid-request', problem)} next="Choose the two states above." />
        </div>
      </CompareBody>
    )
  }
  if (before === null) {
    return (
      <CompareBody table={table} detail={detail} address={address}>
        <EmptyState>
          {detail.timeline.length < 2
            ? 'The table has no two snapshots to compare yet.'
            : 'Choose a snapshot to compare with.'}
        </EmptyState>
      </CompareBody>
    )
  }
  return <Comparison table={table} detail={detail} address={address} before={before} after={after} />
}

type FrameProps = { table: TableIdentifier; detail: TableDetail; address: CompareAddress }

function Comparison({ table, detail, address, before, after }: FrameProps & { before: AsOf; after: AsOf }) {
  const { fields } = detail.schema
  const { state: filter, change: changeFilter } = useRowFilter(fields, {
    table,
    metadataLocation: detail.metadataLocation,
  })
  const [edited, setEdited] = useState<EditedCondition | null>(null)
  const where = filter.kind === 'ready' ? (filter.filter.where ?? undefined) : filter.kind === 'none' ? undefined : null
  const { keyIds: key, comparedIds } = address
  const choice = { keyIds: key, comparedIds, where }
  const { plan, state, keyIds, start, cancel, retry } = useComparison(table, { before, after }, choice)
  const name = entryLabel(table)
  return (
    <CompareBody
      table={table}
      detail={detail}
      address={address}
      choices={
        <>
          {plan && (
            <>
              <KeyChoice
                key={keyIds.join()}
                columns={listShownColumns(plan.before.schema.fields, plan.after.schema.fields)}
                keyIds={keyIds}
                identifierIds={plan.after.schema.identifierFieldIds}
                suggestion={suggestionFor(table, plan)}
                onChange={address.setKey}
              />
              <ComparedColumnsChoice
                key={`columns ${comparedIds?.join()}`}
                fields={findSharedFields(plan.before.schema.fields, plan.after.schema.fields)}
                comparedIds={comparedIds}
                onChange={address.setCompared}
              />
            </>
          )}
          <div className={classes.filter}>
            <FilterBar fields={fields} state={filter} onChange={changeFilter} edited={edited} onEdit={setEdited} />
          </div>
        </>
      }
    >
      {filter.kind === 'problem' && (
        <div className={classes.note}>
          <ProblemNote
            error={filter.error}
            title={filter.title}
            subject={name}
            back={{ label: 'Clear filters', onBack: () => changeFilter(null) }}
          />
        </div>
      )}
      {state.kind === 'planning' && filter.kind !== 'problem' && (
        <SkeletonRows rows={14} columns={6} label="Comparing the files of the snapshots" />
      )}
      {state.kind === 'failed' && (
        <div className={classes.note}>
          <ProblemNote
            error={state.error}
            subject={name}
            onRetry={retry}
            {...(state.error instanceof AppError &&
              state.error.code === 'too-large' && { next: 'Choose snapshots that are closer together.' })}
          />
        </div>
      )}
      {(state.kind === 'waiting' || state.kind === 'running' || state.kind === 'compared') && (
        <Suspense fallback={<SkeletonRows rows={14} columns={6} label="Loading the grid" />}>
          <LazySteps
            name={name}
            state={state}
            keyIds={keyIds}
            suggestion={suggestionFor(table, state.plan)}
            isFiltered={where !== undefined}
            address={address}
            onStart={start}
            onCancel={cancel}
          />
        </Suspense>
      )}
    </CompareBody>
  )
}

function suggestionFor({ table }: TableIdentifier, { before, after }: SnapshotComparison): SuggestedKey | null {
  const columns = listShownColumns(before.schema.fields, after.schema.fields)
  return suggestKey(columns, { identifierIds: after.schema.identifierFieldIds, tableName: table })
}

function CompareBody({
  table,
  detail,
  address,
  choices,
  children,
}: FrameProps & { choices?: ReactNode; children: ReactNode }) {
  const { before, after, setSides } = address
  return (
    <SubPage title="Compare">
      <Toolbar>
        <SubPageTitle table={table} title="Compare" />
        <StateChoice
          label="Before"
          detail={detail}
          asOf={before}
          onChange={(chosen) => setSides({ before: chosen, after })}
        />
        <Tooltip label="Swap the two states">
          <ActionIcon
            aria-label="Swap the two states"
            disabled={before === null}
            onClick={() => before && setSides({ before: after, after: before })}
          >
            <IconArrowsExchange size={15} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <StateChoice
          label="After"
          detail={detail}
          asOf={after}
          onChange={(chosen) => setSides({ before: before ?? after, after: chosen })}
        />
        {choices}
      </Toolbar>
      <AddressProblems checks={COMPARE_CHECKS} />
      {children}
    </SubPage>
  )
}
