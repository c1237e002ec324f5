'use client'
import { Autocomplete, NumberInput, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { refsQuery } from '@/lib/client/table/refs'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatList } from '@/lib/format/sentence'
import type { LoadOperation } from '@/lib/ingest/load-landing'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from '../load.module.css'
import { SampledPartitions } from '../sample/sampled-partitions'
import type { SampledEstimate } from '../sample/use-load-estimate'
import { Step } from '../steps/step'
import type { AllowedRejects, LoadDraft } from '../use-load-draft'
import { keyNames } from './key-names'
import { branchProblem } from './landing-problem'
import type { LoadBranch } from './use-load-branch'

const OPERATIONS: readonly { value: LoadOperation; label: string }[] = [
  { value: 'append', label: 'Append' },
  { value: 'replace-partitions', label: 'Replace partitions' },
  { value: 'replace-where', label: 'Replace matching rows' },
  { value: 'upsert', label: 'Upsert by key' },
  { value: 'replace-table', label: 'Replace all rows' },
]

/** Descriptions below their fields, so that the fields are in one line. */
const BELOW: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error']

/** How the rows land: as one snapshot of a branch, in the partitions and the order of the table. */
export function LandingStep({
  table,
  draft,
  detail,
  branch: landed,
  sampled,
  isOpen,
}: {
  table: TableIdentifier
  draft: Pick<LoadDraft, 'landing' | 'rejects' | 'change'>
  detail: TableDetail
  branch: LoadBranch
  sampled: SampledEstimate
  isOpen: boolean
}) {
  const { operation, branch, where } = draft.landing
  const { maxRejectedRows, maxRejectedShare } = draft.rejects
  const changeRejects = (change: { [Name in keyof AllowedRejects]: number | undefined }) => {
    const { maxRejectedRows: rows, maxRejectedShare: share } = { ...draft.rejects, ...change }
    draft.change({
      rejects: {
        ...(rows !== undefined && { maxRejectedRows: rows }),
        ...(share !== undefined && { maxRejectedShare: share }),
      },
    })
  }
  const keys = keyNames(detail)
  const [isListed, setListed] = useState(false)
  const refs = useInfiniteQuery({ ...refsQuery(table), enabled: isListed })
  const names = refs.data?.refs.flatMap(({ type, name }) => (type === 'branch' ? [name] : [])) ?? []
  return (
    <Step number={4} title="Landing" note={`one snapshot of ${branch ?? 'main'}`} isOpen={isOpen}>
      <div className={classes.landing}>
        <div className={classes.operation}>
          <LazySelect
            label="Operation"
            data={[...OPERATIONS]}
            value={operation}
            allowDeselect={false}
            onChange={(value) =>
              value !== null &&
              draft.change({ landing: { operation: value, branch, ...(value === 'replace-where' && { where: '' }) } })
            }
            w={220}
          />
          <p className="bare secondary dense">{explain(operation, detail, keys)}</p>
        </div>
        {operation === 'replace-where' && (
          <TextInput
            label="Rows to replace"
            description="A filter as in the Data tab. Every new row has to match it."
            inputWrapperOrder={BELOW}
            placeholder={'day >= "2026-05-01"'}
            value={where ?? ''}
            maxLength={4_000}
            onChange={({ currentTarget }) =>
              draft.change({ landing: { operation, branch, where: currentTarget.value } })
            }
            w={320}
          />
        )}
        <Autocomplete
          label="Branch"
          description={explainBranch(landed)}
          error={branchProblem(landed)}
          inputWrapperOrder={BELOW}
          placeholder="main"
          data={names}
          limit={50}
          value={branch ?? ''}
          maxLength={255}
          autoComplete="off"
          spellCheck={false}
          onFocus={() => setListed(true)}
          onChange={(value) => draft.change({ landing: { ...draft.landing, branch: value.trim() || null } })}
          w={220}
        />
        <NumberInput
          label="Rejected rows that do not stop the load"
          description="They are left out and listed with the reason."
          inputWrapperOrder={BELOW}
          placeholder={maxRejectedShare === undefined ? '0' : 'any number'}
          value={maxRejectedRows ?? ''}
          min={0}
          max={Number.MAX_SAFE_INTEGER}
          allowDecimal={false}
          thousandSeparator=","
          onChange={(value) =>
            changeRejects({ maxRejectedRows: typeof value === 'number' ? Math.max(0, value) : undefined })
          }
          w={260}
        />
        <NumberInput
          label="Largest share of rejected rows"
          description="Checked after all files are read."
          inputWrapperOrder={BELOW}
          placeholder="any share"
          value={maxRejectedShare === undefined ? '' : Number((maxRejectedShare * 100).toPrecision(12))}
          min={0}
          max={100}
          decimalScale={6}
          suffix="%"
          onChange={(value) =>
            changeRejects({
              maxRejectedShare: typeof value === 'number' ? Math.min(100, Math.max(0, value)) / 100 : undefined,
            })
          }
          w={220}
        />
        <SampledPartitions sampled={sampled} partitionedBy={detail.partitionedBy ?? ''} />
      </div>
    </Step>
  )
}

function explainBranch({ kind, error }: LoadBranch): string {
  const unpublished = 'Readers of main see the rows once it is published, after its checks.'
  switch (kind) {
    case 'main':
      return 'A new branch begins at the tip of main.'
    case 'existing':
      return unpublished
    case 'new':
      return `A new branch, which begins at the tip of main. ${unpublished}`
    case 'tag':
      return 'Choose a branch, or the name of a new one.'
    case null:
      return error === null ? 'Looking for the branch …' : `It is not known whether it exists: ${error.message}`
  }
}

function explain(operation: LoadOperation, detail: TableDetail, keys: readonly string[]): string {
  const { partitionedBy, sortedBy } = detail
  const layout = `${partitionedBy ? `Partitioned by ${partitionedBy}` : 'Not partitioned'}, ${sortedBy ? `sorted by ${sortedBy}` : 'in the order of the files'}.`
  switch (operation) {
    case 'append':
      return `Adds rows. ${layout}`
    case 'replace-partitions':
      return partitionedBy
        ? `Removes the rows of each partition of ${partitionedBy} that gets new ones.`
        : 'Removes all rows, because the table is not partitioned.'
    case 'replace-where':
      return 'Removes the rows that match a filter, also if the files have none.'
    case 'replace-table':
      return 'Removes all rows of the branch, also if the files have none.'
    case 'upsert':
      return keys.length === 0
        ? 'Needs identifier fields, which are set on the page Schema.'
        : `Replaces the rows with the same ${formatList([...keys])} and adds the others. The last row of a key is used.`
  }
}
