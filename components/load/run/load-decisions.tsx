'use client'
import type { UseQueryResult } from '@tanstack/react-query'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { FoldedList } from '@/components/ui/values/folded-list'
import { Mono } from '@/components/ui/values/mono'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import type { AddedFiles } from '@/lib/contract/table/added-files'
import { paths } from '@/lib/paths/paths'
import { csvDifferences, FORMAT_NAMES, landingText, rejectsText } from '@/lib/proposals/load-texts'
import { listMapped, MappedColumns } from './mapped-columns'
import type { TableLoad } from './table-load'
import classes from './load-run.module.css'

const TITLE = 'What was decided'
/** More mapped columns are counted. */
const SHOWN_COLUMNS = 8
const SHOWN_FILES = 10

type LoadDecisionsProps = { run: TableLoad; past: UseQueryResult<PastLoad>; commit: AddedFiles | undefined }

/** The request of the load: how its files were read, and how the rows became rows of the table. */
export function LoadDecisions({ run, past, commit }: LoadDecisionsProps) {
  if (!run.canChange)
    return (
      <Panel title={TITLE}>
        <EmptyState>Only users who may write the table see how its files were read.</EmptyState>
      </Panel>
    )
  return (
    <Panel title={TITLE}>
      {past.data === undefined ? (
        <Unloaded query={past} subject="The request of the load" skeleton={[5, 2, 'Reading the request']} />
      ) : (
        <Facts facts={toFacts(past.data, commit)} />
      )}
    </Panel>
  )
}

function toFacts(past: PastLoad, commit: AddedFiles | undefined): Fact[] {
  const { format, csv, mapping, ignoreExtra, allowNullColumns, allowAmbiguousNumbers, landing, correctsRunId } = past
  const { files, maxRejectedRows, maxRejectedShare, loadAgain } = past
  return [
    ...(files.length > 1 ? [['Files', <FileList key="files" files={files} />] as const] : []),
    ['Format', FORMAT_NAMES[format]],
    ...(csv === null ? [] : csvDifferences(csv)).map(([name, value]): Fact => [name, <Mono key={name}>{value}</Mono>]),
    ['Columns', columnsText(mapping)],
    ...(mapping.ignoredFields.length === 0
      ? []
      : [['Ignored fields', <VisibleText key="ignored">{mapping.ignoredFields.join(', ')}</VisibleText>] as const]),
    ['Other fields', ignoreExtra ? 'are left out' : 'stop the load'],
    ...(allowNullColumns ? [['Columns without a field', 'may be null in every row'] as const] : []),
    ...(allowAmbiguousNumbers ? [['Points in numbers', 'are those of decimals'] as const] : []),
    ...(loadAgain ? [['Bytes that were loaded before', 'are loaded again'] as const] : []),
    ['Operation', <VisibleText key="operation">{landingText(landing)}</VisibleText>],
    ...(commit?.specId == null
      ? []
      : [
          [
            'Partition spec',
            <Mono key="spec">
              {commit.partitionedBy === ''
                ? `${commit.specId}, no partitions`
                : `${commit.specId}, ${commit.partitionedBy}`}
            </Mono>,
          ] as const,
        ]),
    [
      'Rows that do not fit',
      rejectsText({ maxRejectedRows, ...(maxRejectedShare !== undefined && { maxRejectedShare }) }),
    ],
    ...(correctsRunId === null
      ? []
      : [
          [
            'Corrects',
            <Link key="corrects" href={paths.loadRun(correctsRunId)}>
              the rejected rows of run <Mono>{correctsRunId}</Mono>
            </Link>,
          ] as const,
        ]),
  ]
}

function FileList({ files }: Pick<PastLoad, 'files'>) {
  return (
    <FoldedList
      maxShown={SHOWN_FILES}
      noun="file"
      lines={files.map(({ name }, i) => (
        <li key={`${i} ${name}`} className="breakable">
          <VisibleText>{name}</VisibleText>
        </li>
      ))}
    />
  )
}

function columnsText(mapping: PastLoad['mapping']): ReactNode {
  const mapped = listMapped(mapping)
  if (mapped.length === 0) return 'take the fields of their names'
  return (
    <>
      take the fields of their names, apart from
      <MappedColumns mapped={mapped} maxShown={SHOWN_COLUMNS} className={classes.mapped} />
    </>
  )
}
